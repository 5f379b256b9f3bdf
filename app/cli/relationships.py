"""`python -m app relationships …`: read and change which users used which visitors."""

from dataclasses import replace
from typing import Any

import click
from marshmallow import ValidationError

from app.cli.connection import secret_keys
from app.cli.group import Group
from app.cli.terminal import Confidence, Id, Terminal, as_json_option, new_id, open_terminal, reason_option, say
from app.context import hashing_of
from app.errors import BadQuery
from app.schemas.paging import LIMIT_DEFAULT, LIMIT_MAX, End, page, place_in
from app.schemas.relationships import (
    PairSchema,
    PutRelationshipResponse,
    RankCursor,
    UsersOfVisitorResponse,
    VisitorsOfUserResponse,
)
from app.schemas.release import ReleaseRequest, ReleaseResponse
from app.schemas.visibility import VisibilityResponse
from graph.acts import messages, put, release, visibility
from graph.acts import relationships as service
from graph.errors import IdentityGraphError
from graph.rules.decay import shown
from graph.rules.placeholders import is_placeholder
from graph.rules.relationships import Source

NAME = "relationships"
OTHER_LIST = "it is none that this list printed"


class AfterPage(click.ParamType[End]):
    """A cursor that an earlier page printed."""

    name = "cursor"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> End:
        try:
            end: End = RankCursor().deserialize(value)
        except ValidationError:
            self.fail(OTHER_LIST, param, ctx)
        return end


@click.group(cls=Group)
def relationships() -> None:
    """Read and change which users used which visitors, and how sure that is."""


@relationships.command("list")
@click.argument("tenant")
@click.option("--user", type=Id(), help="The user whose visitors to list.")
@click.option("--visitor", type=Id(), help="The visitor whose users to list.")
@click.option("--min-confidence", type=Confidence(0, 100), default=0, help="0–100, as shown.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=LIMIT_DEFAULT, show_default=True, help="At most.")
@click.option(
    "--cursor", "after", type=AfterPage(), help="Continue after an earlier page, by the cursor that it printed."
)
@as_json_option
def list_relationships(
    tenant: str,
    *,
    user: str | None,
    visitor: str | None,
    min_confidence: float,
    limit: int,
    after: End | None,
    as_json: bool,
) -> None:
    """List the visitors of a user, or the users of a visitor, strongest first."""
    if (user is None) == (visitor is None):
        raise click.UsageError("name one of --user and --visitor")
    read, other, schema = (
        (service.of_user, "visitor_id", VisitorsOfUserResponse)
        if user is not None
        else (service.of_visitor, "user_id", UsersOfVisitorResponse)
    )
    of = (other, user or visitor or "")
    try:
        place = place_in(of, after)
    except BadQuery:
        raise click.BadParameter(OTHER_LIST, param_hint="--cursor") from None
    with open_terminal(tenant, NAME) as terminal:
        found = terminal.graph.read(
            read,
            terminal.user(user) if user is not None else visitor or "",
            wanted=service.Wanted(confidence_min=min_confidence),
            after=place,
            limit=limit + 1,
            now=terminal.now,
            policy=terminal.policy,
        )
    listed, more = page(of, found, limit, lambda last: (last.rank, last.other_id))
    items = [{**_figures(one, terminal), other: one.other_id} for one in listed]
    say(schema(), {"items": items, "next_cursor": more}, as_json=as_json)
    if more and not as_json:
        click.echo(f"there are more: --cursor {more}", err=True)


@relationships.command()
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("visitor", type=Id())
@as_json_option
def get(tenant: str, user: str, visitor: str, *, as_json: bool) -> None:
    """Print the relationship of a user and a visitor."""
    with open_terminal(tenant, NAME) as terminal:
        user = terminal.user(user)
        found = terminal.graph.read(service.get, user, visitor)
    say(PairSchema(), {**_figures(found, terminal), "user_id": user}, as_json=as_json)


@relationships.command("put")
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("visitor", type=Id())
@click.argument("confidence", type=Confidence(1, 100))
@click.option("--claim", is_flag=True, help="Also claim the visitor's latest tenure for the user, as a login would.")
@reason_option
@as_json_option
def put_relationship(
    tenant: str, user: str, visitor: str, confidence: float, *, claim: bool, reason: str | None, as_json: bool
) -> None:
    """State how sure it is, 1–100, that a user used a visitor; this counts as one more association."""
    hashing = hashing_of(secret_keys(), tenant)
    with open_terminal(tenant, NAME) as terminal:
        user = terminal.user(user)
        said: dict[str, Any] = {
            "user_id": user,
            "visitor_id": visitor,
            "confidence": confidence,
            "claims": claim,
            "reason": reason,
        }
        if is_placeholder(user, terminal.policy.placeholder_user_ids):
            raise click.BadParameter("this id names nobody in particular", param_hint="USER")
        message = messages.message(put.CALL, f"msg_{new_id()}", said)
        del said["reason"]
        command = put.Put(message=message, hashing=hashing, **said, **terminal.by_whom(reason))
        [stated] = terminal.graph.write(put.act, [command])
    if isinstance(stated, IdentityGraphError):
        raise stated
    say(PutRelationshipResponse(exclude=("duplicate",)), _figures(stated, terminal), as_json=as_json)


@relationships.command()
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("visitor", type=Id())
@reason_option
def remove(tenant: str, user: str, visitor: str, *, reason: str | None) -> None:
    """Take a user from a visitor: release the user's claims there, and open a cannot-link between the two."""
    with open_terminal(tenant, NAME) as terminal:
        user = terminal.user(user)
        command = release.Release(user_id=user, visitor_id=visitor, **terminal.by_whom(reason))
        terminal.graph.write(release.act, command)
    click.echo(f"{user} is taken from {visitor}")


@relationships.command("release")
@click.argument("tenant")
@click.argument("user", type=Id())
@click.option(
    "--source",
    type=click.Choice([Source.CLAIMED.value, Source.VERIFIED.value]),
    default=Source.CLAIMED.value,
    show_default=True,
    help="claimed: by logins without a signature.",
)
@click.option("--from", "since", help="The time of the first logins to undo, as they arrived; all without it.")
@click.option("--to", "until", help="The time up to which to undo logins.")
@reason_option
@as_json_option
def release_claims(
    tenant: str, user: str, *, source: str, since: str | None, until: str | None, reason: str | None, as_json: bool
) -> None:
    """Take a user from all visitors that only such logins claimed, such as those that a stranger posted."""
    times = {name: time for name, time in {"from": since, "to": until}.items() if time is not None}
    try:
        sent = ReleaseRequest().load({"source": source, **times})
    except ValidationError as error:
        [(name, why), *_] = error.normalized_messages().items()  # type: ignore[no-untyped-call]
        raise click.BadParameter(why[0], param_hint=f"--{name}") from None
    with open_terminal(tenant, NAME) as terminal:
        claims = release.Claims.of(terminal.user(user), sent["source"], sent["since"], sent["until"])
        done, more = 0, True
        while more:
            answer = release.each(
                terminal.graph,
                claims,
                lambda visitor_id: release.Release(
                    user_id=claims.user_id, visitor_id=visitor_id, **terminal.by_whom(reason)
                ),
            )
            done, more = done + answer.released, answer.more
            if more:
                click.echo(f"{user} is taken from {done} visitors so far", err=True)
    say(ReleaseResponse(), replace(answer, released=done), as_json=as_json)


@relationships.command()
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("visitor", type=Id(), required=False)
@reason_option
@as_json_option
def hide(tenant: str, user: str, visitor: str | None, *, reason: str | None, as_json: bool) -> None:
    """Hide a user, or only their relationship with a visitor, from every read.

    A hidden user or relationship still counts in matching, and still protects from wrong merges.
    """
    _see(tenant, user, visitor, is_visible=False, reason=reason, as_json=as_json)


@relationships.command()
@click.argument("tenant")
@click.argument("user", type=Id())
@click.argument("visitor", type=Id(), required=False)
@reason_option
@as_json_option
def show(tenant: str, user: str, visitor: str | None, *, reason: str | None, as_json: bool) -> None:
    """Show a hidden user or relationship again."""
    _see(tenant, user, visitor, is_visible=True, reason=reason, as_json=as_json)


def _see(tenant: str, user: str, visitor: str | None, *, is_visible: bool, reason: str | None, as_json: bool) -> None:
    with open_terminal(tenant, NAME) as terminal:
        command = visibility.Visibility(
            user_id=terminal.user(user), visitor_id=visitor, visible=is_visible, **terminal.by_whom(reason)
        )
        shown_now = terminal.graph.write(visibility.act, command)
    say(VisibilityResponse(exclude=("duplicate",)), shown_now, as_json=as_json)


def _figures(one: Any, terminal: Terminal) -> dict[str, Any]:
    half_life = terminal.policy.relationship_half_life_days
    return {**vars(one), "confidence": shown(one.rank, terminal.now, half_life)}
