"""Read and change the relationships of users and visitors."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, repeat
from typing import Any, cast

from marshmallow import ValidationError

from app import calls, changes, context, errors, metrics, security
from app.openapi import Blueprint
from app.schemas.merge import MergeResponse
from app.schemas.paging import cursor, place_in
from app.schemas.relationships import (
    PairSchema,
    PutRelationshipRequest,
    PutRelationshipResponse,
    RelationshipsQuery,
    ReleaseQuery,
    UsersOfVisitorResponse,
    VisitorsOfUserResponse,
)
from app.schemas.relationships_batch import (
    ITEMS,
    BatchItemSchema,
    PairItemSchema,
    RelationshipsBatchRequest,
    RelationshipsBatchResponse,
)
from app.schemas.split import SplitResponse
from app.schemas.visibility import VisibilityResponse
from app.schemas.wire import IdempotencyHeaders
from graph.acts import put, relationships
from graph.errors import GraphTimeout, GraphUnavailable, IdentityGraphError
from graph.rules.decay import shown
from graph.store.relationships import Listed

blueprint = Blueprint("relationships", __name__, url_prefix="/api/v1", description="Who used which browser.")
blueprint.before_request(security.require_secret_key)

#: The most items in one batch. Consecutive statements share a transaction.
BATCH_MAX = 1000
#: Schemas are made once, since making one takes longer than loading an item.
ITEM, STATEMENT = BatchItemSchema(), PutRelationshipResponse()
RANGES = ("first_seen_from", "first_seen_to", "last_seen_from", "last_seen_to", "source", "verified")


@blueprint.get("/users/<user_id>/visitors")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, VisitorsOfUserResponse)
def get_visitors_of_user(asked: dict[str, Any], user_id: str) -> dict[str, Any]:
    """List the visitors on which a user was seen, strongest first."""
    return _page(relationships.of_user, user_id, asked, "visitor_id")


@blueprint.get("/visitors/<visitor_id>/users")
@blueprint.arguments(RelationshipsQuery, location="query")
@blueprint.response(200, UsersOfVisitorResponse)
def get_users_of_visitor(asked: dict[str, Any], visitor_id: str) -> dict[str, Any]:
    """List the users seen on a visitor, strongest first."""
    return _page(relationships.of_visitor, visitor_id, asked, "user_id")


@blueprint.get("/users/<user_id>/visitors/<visitor_id>")
@blueprint.response(200, PairSchema)
@blueprint.alt_response(404, success=False)
def get_relationship(user_id: str, visitor_id: str) -> dict[str, Any]:
    """Get the relationship of a user and a visitor, if the user was seen on it."""
    return _pair(user_id, visitor_id)


@blueprint.put("/users/<user_id>/visitors/<visitor_id>")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(PutRelationshipRequest)
@blueprint.response(200, PutRelationshipResponse)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
def put_relationship(headers: dict[str, Any], sent: dict[str, Any], user_id: str, visitor_id: str) -> dict[str, Any]:
    """State how sure it is that a user used a visitor.

    A statement counts as one more association. It claims nothing unless `claim` is true.
    """
    stated = {**sent, **headers, **PairItemSchema().load({"userId": user_id, "visitorId": visitor_id})}
    [statement] = calls.statements([stated])
    if isinstance(statement, ValidationError):
        raise statement
    [result] = context.graph().write(put.act, [statement])
    if isinstance(result, IdentityGraphError):
        raise result
    return _stated(result)


@blueprint.delete("/users/<user_id>/visitors/<visitor_id>")
@blueprint.arguments(IdempotencyHeaders, location="headers")
@blueprint.arguments(ReleaseQuery, location="query")
@blueprint.response(204)
@blueprint.alt_response(404, success=False)
@blueprint.alt_response(409, success=False)
def delete_relationship(headers: dict[str, Any], asked: dict[str, Any], user_id: str, visitor_id: str) -> None:
    """Take a user from a visitor: release the user's claims there, and open a cannot-link between the two.

    A later login or statement can contradict the cannot-link and close it.
    """
    changes.released(user_id, visitor_id, asked, headers["idempotency_key"])


@blueprint.post("/relationships/batch")
@blueprint.arguments(RelationshipsBatchRequest)
@blueprint.response(200, RelationshipsBatchResponse)
def post_relationships_batch(sent: dict[str, Any]) -> dict[str, Any]:
    """State, remove and look up many relationships, merge and split visitors, and hide users, in one request.

    Items are done in order. Each gets its own result or problem, and a failed item stops no other. Consecutive
    statements share one transaction. Once the database fails, the remaining items are not tried.
    """
    items = sent["relationships"]
    if len(items) > BATCH_MAX:
        raise ValidationError({"relationships": [f"A batch has at most {BATCH_MAX} items."]})
    results: list[dict[str, Any]] = []
    outage: IdentityGraphError | None = None
    for some in _steps(map(_read, items)):
        outcomes: Sequence[Outcome]
        if outage is not None:
            # Each further item would wait for the database again.
            outcomes = [outage] * len(some)
        else:
            outcomes = _stated_all(some) if _is_statement(some[0]) else [_done(some[0])]
        outage = next((one for one in outcomes if isinstance(one, GraphUnavailable | GraphTimeout)), outage)
        results += [one if isinstance(one, dict) else errors.problem(one) for one in outcomes]
    return {"results": results}


#: What to do (`do`) and the loaded item; `nothing` and the error if the item cannot be loaded.
Item = tuple[str, Any]
#: The answer to an item, or the error that stopped it.
Outcome = dict[str, Any] | IdentityGraphError | ValidationError


def _read(item: Any) -> Item:
    if not isinstance(item, dict):
        return "nothing", ValidationError('Each item is an object, such as {"do": "get", …}.')
    do = item.get("do", "put")
    try:
        # Loading `do` through its schema, too, would take half as long again, so it happens only for an unknown value.
        if do not in tuple(ITEMS):
            ITEM.load(item)
        return do, ITEMS[do].load(item)
    except ValidationError as error:
        return "nothing", error


def _steps(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Group consecutive statements; every other item is a step of its own."""
    for are_statements, group in groupby(items, key=_is_statement):
        some = list(group)
        yield from [some] if are_statements else [[one] for one in some]


def _is_statement(item: Item) -> bool:
    return item[0] == "put"


def _stated_all(some: list[Item]) -> list[Outcome]:
    statements = calls.statements(sent for _, sent in some)
    accepted = [one for one in statements if isinstance(one, put.Put)]
    made: Iterator[put.Stated | IdentityGraphError]
    try:
        made = iter(context.graph().write(put.act, accepted) if accepted else [])
    except IdentityGraphError as error:
        # Earlier items of the batch are done, so the request must still answer with their results.
        made = repeat(error)
    return [_told(next(made) if isinstance(one, put.Put) else one) for one in statements]


def _told(result: put.Stated | IdentityGraphError | ValidationError) -> Outcome:
    return STATEMENT.dump(_stated(result)) if isinstance(result, put.Stated) else result


def _done(item: Item) -> Outcome:
    do, sent = item
    if isinstance(sent, ValidationError):
        return sent
    try:
        return _do(do, sent)
    except errors.BadQuery as error:
        # A batch has no query, so another list's cursor is an invalid field, like any text that is not a cursor.
        return ValidationError(dict(error.errors))
    except IdentityGraphError as error:
        return error


def _do(do: str, sent: dict[str, Any]) -> dict[str, Any]:
    named: Callable[[str], Any] = sent.get
    user_id, visitor_id, key = map(named, ("user_id", "visitor_id", "idempotency_key"))
    answer: Any
    match do:
        case "delete":
            duplicate = changes.released(user_id, visitor_id, sent, key).duplicate
            answer = {"userId": user_id, "visitorId": visitor_id, "deleted": True, "duplicate": duplicate}
        case "merge":
            answer = MergeResponse().dump(changes.merged(visitor_id, sent, key))
        case "split":
            answer = SplitResponse().dump(changes.split_off(visitor_id, sent, key))
        case "visibility":
            answer = VisibilityResponse().dump(changes.shown(user_id, visitor_id, sent, key))
        case "get":
            answer = PairSchema().dump(_pair(user_id, visitor_id))
        case "visitors":
            answer = VisitorsOfUserResponse().dump(_page(relationships.of_user, user_id, sent, "visitor_id"))
        case "users":
            answer = UsersOfVisitorResponse().dump(_page(relationships.of_visitor, visitor_id, sent, "user_id"))
    return cast("dict[str, Any]", answer)


def _pair(user_id: str, visitor_id: str) -> dict[str, Any]:
    found = context.graph().read(relationships.get, user_id, visitor_id)
    return {**vars(found), "confidence": _shown(found.rank), "user_id": user_id}


def _stated(result: put.Stated) -> dict[str, Any]:
    if result.duplicate:
        metrics.duplicate(put.CALL)
    return {**vars(result), "confidence": _shown(result.rank)}


def _page(read: Callable[..., list[Listed]], subject: str, asked: dict[str, Any], other: str) -> dict[str, Any]:
    of = (other, subject)
    found = context.graph().read(
        read,
        subject,
        wanted=relationships.Wanted(
            confidence_min=asked["min_confidence"],
            confidence_max=asked["max_confidence"],
            **{name: asked[name] for name in RANGES},
        ),
        after=place_in(of, asked["cursor"]),
        limit=asked["limit"] + 1,
        now=context.now(),
        policy=context.policy(),
    )
    items = found[: asked["limit"]]
    last = items[-1] if len(found) > asked["limit"] else None
    return {
        "items": [{**vars(one), other: one.other_id, "confidence": _shown(one.rank)} for one in items],
        "next_cursor": cursor(of, last.rank, last.other_id) if last else None,
    }


def _shown(rank: float) -> int:
    return shown(rank, context.now(), context.policy().relationship_half_life_days)
