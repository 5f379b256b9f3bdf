"""Make many calls of pages and servers in one request (`POST /eventTracking/batch`)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError

from app import context, errors, patience
from app.calls import collect, content, identify, track
from app.calls.arrival import Sent
from app.json_body import has_halves, is_blank
from app.schemas import decoration
from app.schemas.collect import CollectRequest, CollectResponse
from app.schemas.identify import IdentifyRequest, IdentifyResponse
from app.schemas.track import TrackRequest, TrackResponse
from graph.errors import Forbidden, IdentityGraphError


@dataclass(frozen=True)
class Call:
    """A kind of call: what loads it, what makes it ready to run, what runs a list of them, and what dumps an answer."""

    request: Schema
    prepared: Callable[[Sent, Sent], Any]
    run_each: Callable[[Sequence[Any]], Sequence[Any]]
    response: Schema


@dataclass(frozen=True)
class Ready:
    """A valid item, ready to run."""

    call: str
    prepared: Any


#: By the `type` of an item.
CALLS: Mapping[str, Call] = MappingProxyType(
    {
        "track": Call(TrackRequest(), track.prepared, track.run_each, TrackResponse()),
        "identify": Call(IdentifyRequest(), identify.prepared, identify.run_each, IdentifyResponse()),
        "collect": Call(CollectRequest(), collect.prepared, collect.run_each, CollectResponse()),
    }
)
#: An item that is ready, or the error if it is invalid or forbidden.
Item = Ready | IdentityGraphError | ValidationError
#: Fields that a batch may give once for all its items.
SHARED = ("sessionId", "anonymousId", "userId", "sentAt")
#: Shared fields that name a session. A `collect` item does not get them: it has no session, and `userId` would count as
#: evidence about its fingerprint.
OF_SESSIONS = frozenset({"sessionId", "userId"})


def run(items: Sequence[Any], body: Sent) -> list[dict[str, Any]]:
    """Make the calls in their order; each gets its own result or problem, and a failed one stops no other.

    Consecutive calls of one type share transactions.

    Args:
        items: The calls as they were sent.
        body: What the request sent, with the fields that all items share.

    Raises:
        ValidationError: There are too many items.
        TooManyRequests: The address or the key has sent too much already.
        GraphUnavailable: Neo4j does not answer. The items before that are done.
        GraphTimeout: A transaction took too long. The items before that are done.
    """
    limit = context.settings().max_batch_events
    if len(items) > limit:
        raise ValidationError({"events": [f"A batch has at most {limit} items."]})
    patience.count_items(len(items))
    shared = {name: body[name] for name in SHARED if name in body}
    return make([load(item, shared) for item in items])


def make(loaded: Sequence[Item]) -> list[dict[str, Any]]:
    """Make the calls of items that were loaded; each gets its own result or problem. Raises as `run` does."""
    return [result for step in _steps(loaded) for result in _results(step)]


def load(item: Any, shared: Sent) -> Item:
    """Return an item ready to run, or the error if it is invalid or forbidden."""
    if not isinstance(item, dict):
        return ValidationError('Each item is an object, such as {"type": "track", …}.')
    if item.get("type") == "collect":
        shared = {name: value for name, value in shared.items() if name not in OF_SESSIONS}
    try:
        return _ready(
            {**shared, **{name: value for name, value in item.items() if name not in SHARED or not is_blank(value)}}
        )
    except (IdentityGraphError, ValidationError) as error:
        return error


def _ready(item: Sent) -> Ready:
    named = item.get("tenantId")
    if not is_blank(named) and named != context.caller().tenant:
        raise Forbidden("the key is not of the tenant that the item names", code="wrong_tenant")
    call = item.get("type")
    # A tuple, since what was sent may be unhashable.
    if call not in tuple(CALLS):
        raise ValidationError({"type": [f"One of {', '.join(CALLS)}."]})
    loaded, said = decoration.load(CALLS[call].request, item, has_halves=has_halves())
    if call != "collect":
        # A `collect` has the same content in a batch and alone.
        loaded[content.TYPE] = call
    return Ready(call, CALLS[call].prepared(loaded, said))


def _steps(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Divide the items into runs of one type; an item with an error is a run of its own kind."""
    for _, step in groupby(items, key=lambda item: item.call if isinstance(item, Ready) else None):
        yield list(step)


def _results(step: Sequence[Item]) -> Iterator[dict[str, Any]]:
    """Make consecutive calls of one type.

    If the database fails, the remaining items are not tried. Each would fail alike, after its own wait. The client sends
    the batch again, and thanks to the message ids nothing is counted twice.
    """
    yield from (errors.answer_item(item) for item in step if not isinstance(item, Ready))
    ready = [item for item in step if isinstance(item, Ready)]
    if ready:
        for outcome in CALLS[ready[0].call].run_each([item.prepared for item in ready]):
            yield answer(ready[0].call, outcome)


def answer(call: str, outcome: Any) -> dict[str, Any]:
    """Return the result of a call as it is answered, or its problem."""
    if isinstance(outcome, IdentityGraphError):
        return errors.answer_item(outcome)
    return dict(CALLS[call].response.dump(outcome))
