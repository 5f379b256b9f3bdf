"""`python -m app candidates`: list visitors that may be one person's, find them now, and accept or refuse one."""

import click
from marshmallow import ValidationError

from app.calls.candidates import listed, wanted
from app.cli.progress import run_job, visitors
from app.cli.terminal import Confidence, Id, as_json_option, open_terminal, reason_option, say, say_rows
from app.cli.whose import Subject, Whose
from app.errors import BadQuery
from app.schemas.candidates import STATES, CandidatesResponse, ConfidenceCursor, DecidedResponse
from app.schemas.paging import LIMIT_DEFAULT, LIMIT_MAX
from graph.acts import candidates as service
from graph.rules.candidates import OPEN

OTHER_LIST = "it is none that this list printed"


@click.command()
@click.argument("tenant")
@click.option("--find", is_flag=True, help="Look for candidates first, with a progress bar, as the daily job does.")
@click.option("--accept", type=Id(), help="The candidate whose two visitors are one person's: merge them.")
@click.option("--refuse", type=Id(), help="The candidate whose two visitors are not one person's: keep them apart.")
@click.option("--state", type=click.Choice(STATES), default=OPEN, show_default=True, help="Which candidates to list.")
@click.option("--about", type=Whose(("visitor",)), help="Only those that this visitor, or one merged with it, is in.")
@click.option("--min-confidence", type=Confidence(0, 1), help="0–1; by default that of the policy.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=LIMIT_DEFAULT, show_default=True, help="At most.")
@click.option("--cursor", help="Continue after an earlier page, by the cursor that it printed.")
@reason_option
@as_json_option
def candidates(
    tenant: str,
    *,
    find: bool,
    accept: str | None,
    refuse: str | None,
    state: str,
    about: Subject | None,
    min_confidence: float | None,
    limit: int,
    cursor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """List visitors that were at the same addresses on the same days, surest first.

    Nothing follows from a candidate until it is accepted or refused.
    """
    if accept is not None and refuse is not None:
        raise click.UsageError("name one of --accept and --refuse")
    if find:
        _find(tenant)
    if accept is not None or refuse is not None:
        _decide(tenant, accept, refuse, reason, as_json=as_json)
        return
    asked = {
        "state": state,
        "about": None if about is None else str(about),
        "min_confidence": min_confidence,
        "limit": limit,
        "cursor": None,
    }
    try:
        if cursor is not None:
            asked["cursor"] = ConfidenceCursor().deserialize(cursor)
        page = wanted(asked)
    except (BadQuery, ValidationError):
        raise click.BadParameter(OTHER_LIST, param_hint="--cursor") from None
    with open_terminal(tenant, "candidates") as terminal:
        found, more = listed(asked, terminal.graph.read(service.page, page, terminal.policy))
    if as_json:
        say(CandidatesResponse(), {"items": found, "next_cursor": more}, as_json=True)
        return
    rows = [
        {
            "candidate": one.candidate_id,
            "confidence": one.confidence,
            "one": one.subjects[0],
            "other": one.subjects[1],
            "addresses": [shared.address for shared in one.addresses],
            "days": len({day for shared in one.addresses for day in shared.days}),
        }
        for one in found
    ]
    say_rows(rows)
    if more:
        click.echo(f"there are more: --cursor {more}", err=True)


def _decide(tenant: str, accept: str | None, refuse: str | None, reason: str | None, *, as_json: bool) -> None:
    with open_terminal(tenant, "candidates") as terminal:
        command = service.Decide(candidate_id=accept or refuse or "", **terminal.by_whom(reason))
        decided = terminal.graph.write(service.accept if accept is not None else service.refuse, command)
    say(DecidedResponse(exclude=("duplicate",)), decided, as_json=as_json)


def _find(tenant: str) -> None:
    done = run_job(tenant, "candidates", unit="visitors", total=visitors)
    click.echo("another runner has the job" if done is None else f"{done} candidates are open", err=True)
