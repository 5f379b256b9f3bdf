"""Read a journey as of a time: the events until then of the visits that belonged to the subject by the facts of then.

Without a time, or with one that has not come yet, it is the journey as of now.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from graph.acts import journeys, reads
from graph.acts.journeys import Asked, JourneyPage, Streams
from graph.acts.standing_then import as_of, standing_then
from graph.errors import NotFound
from graph.rules import journeys as rules
from graph.rules.identifiers import kept_id
from graph.rules.probable import Bound
from graph.store import explain
from graph.store import journeys as store
from graph.transaction import Transaction

#: The finest difference of two times on the wire.
TICK = timedelta(milliseconds=1)


def of_visitor(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of the merge group that a visitor was in; raise `NotFound` if there is no such visitor."""
    bound, is_now = as_of(asked.bound, asked.at)
    if is_now:
        return journeys.of_visitor(tx, asked)
    asked = _until(asked, bound)
    streams = Streams(
        lambda wanted: store.of_visitor_then(tx, asked.subject, wanted, at=bound.at), list, journeys.first(asked)
    )
    if not streams.more():
        reads.find_visitor(tx, asked.subject)
    return journeys.read(tx, asked, streams)


def of_user(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of a user over all devices; raise `NotFound` if there is no such user."""
    bound, is_now = as_of(asked.bound, asked.at)
    if is_now:
        return journeys.of_user(tx, asked)
    found = explain.find(tx, [("user", kept_id(asked.subject))], at=bound.at, is_now=False)
    user = reads.found_user(found.get(0))
    return _read(tx, [user.identity_id], _until(asked, bound), bound)


def of_identity(tx: Transaction, asked: Asked) -> JourneyPage:
    """Return the journey of the identity that an id belonged to; raise `NotFound` if there is none.

    It is empty if the id is of a tenure of a hidden user or relationship.
    """
    bound, is_now = as_of(asked.bound, asked.at)
    if is_now:
        return journeys.of_identity(tx, asked)
    then, _, links = standing_then(tx, [asked.subject], bound, is_now=False)
    standing = then[asked.subject].standing(bound) if asked.subject in then else None
    if standing is None:
        raise NotFound("there is no such identity", code="identity_not_found")
    if standing.method == "hidden":
        return JourneyPage((), has_more=False)
    owners = [user.identity_id for user in links.shown(standing.person_id).values()] or [standing.identity_id]
    return _read(tx, owners, _until(asked, bound), bound)


def _until(asked: Asked, bound: Bound) -> Asked:
    return replace(asked, until=min(asked.until, bound.at + TICK))


def _read(tx: Transaction, owners: Sequence[str], asked: Asked, bound: Bound) -> JourneyPage:
    """Read the events of the tenures that were these users' or this top tenure's, by facts or probably."""
    streams = Streams(
        lambda wanted: store.of_identities_then(tx, owners, wanted, at=bound.at),
        _choose(tx, owners, bound),
        journeys.first(asked),
    )
    return journeys.read(tx, asked, streams)


def _choose(
    tx: Transaction, owners: Sequence[str], bound: Bound
) -> Callable[[Sequence[store.StreamThen]], list[rules.Stream]]:
    """Return what chooses the tenures that count, each with the confidence that it was the identity's.

    A tenure from which an inference led there counts if the inference was the one to read within the bound.
    """

    def chosen(found: Sequence[store.StreamThen]) -> list[rules.Stream]:
        maybe = [stream.tenure_id for stream in found if not stream.is_certain]
        then, _, _ = standing_then(tx, maybe, bound, is_now=False)
        streams: list[rules.Stream] = [stream for stream in found if stream.is_certain]
        for stream in found:
            standing = then[stream.tenure_id].standing(bound) if stream.tenure_id in then else None
            if standing is not None and standing.method == "probable" and standing.identity_id in owners:
                streams.append(replace(stream, confidence=standing.confidence))
        return streams

    return chosen
