"""Do much with relationships and visitors in one request (`POST /api/v1/relationships/batch`)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from marshmallow import ValidationError

from app import errors, patience
from app.calls import link, merge, put, relationships, release, split, visibility
from app.calls.put import Outcome
from app.json_body import has_halves
from app.schemas import decoration
from app.schemas.relationships_batch import ANSWERS, ITEMS, BatchItemSchema
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError

#: The most items in one batch. Consecutive statements share a transaction.
ITEMS_MAX = 1000
#: Made once, since making a schema takes longer than loading an item.
ANY_ITEM = BatchItemSchema()


@dataclass(frozen=True)
class Loaded:
    """A valid item: what to do, and the fields for it."""

    do: str
    sent: dict[str, Any]


#: An item as loaded, or the error if it is invalid.
Item = Loaded | ValidationError


def run(items: Sequence[Any]) -> list[dict[str, Any]]:
    """Do the items in their order; each gets its own result or problem, and a failed one stops no other.

    Consecutive statements share one transaction. Once the database fails, the remaining items are not tried.

    Raises:
        ValidationError: There are too many items.
        TooManyRequests: The key has sent too much already.
    """
    if len(items) > ITEMS_MAX:
        raise ValidationError({"relationships": [f"A batch has at most {ITEMS_MAX} items."]})
    patience.count_items(len(items))
    results: list[dict[str, Any]] = []
    outage: IdentityGraphError | None = None
    for step in _steps(map(_load, items)):
        # After an outage, each further item would wait for the database again.
        outcomes = _outcomes(step) if outage is None else [outage] * len(step)
        outage = next((one for one in outcomes if isinstance(one, GraphUnavailable | GraphTimeout)), outage)
        results += [one if isinstance(one, dict) else errors.answer_item(one) for one in outcomes]
    return results


def _load(item: Any) -> Item:
    if not isinstance(item, dict):
        return ValidationError('Each item is an object, such as {"do": "get", …}.')
    do = item.get("do", "put")
    try:
        # Loading `do` through its schema, too, would take half as long again, so it happens only for an unknown value.
        if do not in tuple(ITEMS):
            ANY_ITEM.load(item)
        loaded, _ = decoration.load(ITEMS[do], item, has_halves=has_halves())
        return Loaded(do, loaded)
    except ValidationError as error:
        return error


def _steps(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Group consecutive statements; every other item is a step of its own."""
    for are_statements, group in groupby(items, key=_is_statement):
        step = list(group)
        yield from [step] if are_statements else [[item] for item in step]


def _is_statement(item: Item) -> bool:
    return isinstance(item, Loaded) and item.do == "put"


def _outcomes(step: list[Item]) -> Sequence[Outcome]:
    if not _is_statement(step[0]):
        return [_outcome(item) for item in step]
    outcomes = put.run_together(item.sent for item in step if isinstance(item, Loaded))
    return [ANSWERS["put"].dump(one) if isinstance(one, dict) else one for one in outcomes]


def _outcome(item: Item) -> Outcome:
    if isinstance(item, ValidationError):
        return item
    try:
        answer: dict[str, Any] = ANSWERS[item.do].dump(_run(item.do, item.sent))
    except errors.BadQuery as error:
        # A batch has no query, so another list's cursor is an invalid field, like any text that is not a cursor.
        return ValidationError(dict(error.errors))
    except IdentityGraphError as error:
        return error
    return answer


def _run(do: str, sent: dict[str, Any]) -> Any:
    named: Callable[[str], Any] = sent.get
    user_id, visitor_id, key = map(named, ("user_id", "visitor_id", "idempotency_key"))
    result: Any
    match do:
        case "delete":
            released = release.run(user_id, visitor_id, sent, key)
            result = {"user_id": user_id, "visitor_id": visitor_id, "deleted": True, "duplicate": released.duplicate}
        case "link":
            result = link.run(user_id, sent, key)
        case "unlink":
            undone = link.undo(user_id, sent["to"], sent, key)
            result = {"user_id": undone.user_id, "to": undone.to, "deleted": True, "duplicate": undone.duplicate}
        case "merge":
            result = merge.run(visitor_id, sent, key)
        case "split":
            result = split.run(visitor_id, sent, key)
        case "visibility":
            result = visibility.run(user_id, visitor_id, sent, key)
        case "get":
            result = relationships.get(user_id, visitor_id)
        case "visitors":
            result = relationships.of_user(user_id, sent)
        case "users":
            result = relationships.of_visitor(visitor_id, sent)
    return result
