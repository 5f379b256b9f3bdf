"""`python -m app clusters`: find clusters of users and visitors now, list them, and show one."""

from datetime import UTC, datetime

import click
from marshmallow import ValidationError

from app.calls.clusters import listed, wanted
from app.cli.candidates import OTHER_LIST
from app.cli.progress import run_job, visitors
from app.cli.terminal import Id, as_json_option, open_terminal, say, say_rows
from app.cli.whose import Subject, Whose
from app.errors import BadQuery
from app.schemas.clusters import ClusterResponse, ClustersCursor, ClustersResponse
from app.schemas.paging import LIMIT_DEFAULT, LIMIT_MAX
from graph.acts import clusters as service
from graph.database import Database
from graph.rules.clusters import LABELS, MEMBERS_MIN


@click.command()
@click.argument("tenant")
@click.option("--find", is_flag=True, help="Find the clusters first, with a progress bar, as the daily job does.")
@click.option("--show", type=Id(), help="Show the members of this cluster, and why they are together.")
@click.option("--label", type=click.Choice(LABELS), help="Only clusters with this label.")
@click.option("--min-members", type=click.IntRange(0), default=MEMBERS_MIN, show_default=True, help="At least.")
@click.option("--about", type=Whose(), help="Only the cluster that this user:ID or visitor:ID is in.")
@click.option(
    "--order", type=click.Choice(service.ORDERS), default=service.SIZE, show_default=True, help="Which come first."
)
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=LIMIT_DEFAULT, show_default=True, help="At most.")
@click.option("--cursor", help="Continue after an earlier page, by the cursor that it printed.")
@as_json_option
def clusters(
    tenant: str,
    *,
    find: bool,
    show: str | None,
    label: str | None,
    min_members: int,
    about: Subject | None,
    order: str,
    limit: int,
    cursor: str | None,
    as_json: bool,
) -> None:
    """List groups of users and visitors, largest or most doubtful first: households, shared devices, people with several devices."""
    if find:
        _find(tenant)
    if show is not None:
        _show(tenant, show, as_json=as_json)
        return
    asked = {
        "label": label,
        "min_members": min_members,
        "about": None if about is None else str(about),
        "order": order,
        "limit": limit,
    }
    try:
        asked["cursor"] = None if cursor is None else ClustersCursor().deserialize(cursor)
        page = wanted(asked)
    except (BadQuery, ValidationError):
        raise click.BadParameter(OTHER_LIST, param_hint="--cursor") from None
    with open_terminal(tenant, "clusters") as terminal:
        found, more = listed(asked, terminal.graph.read(service.page, page, terminal.policy))
    if as_json:
        say(ClustersResponse(), {"items": found, "next_cursor": more}, as_json=True)
        return
    say_rows(
        [
            {
                "cluster": one.cluster_id,
                "users": one.users,
                "visitors": one.visitors,
                "labels": one.labels,
                "confidence": one.confidence,
                "doubt": one.doubt,
            }
            for one in found
        ]
    )
    if more:
        click.echo(f"there are more: --cursor {more}", err=True)


def _show(tenant: str, cluster_id: str, *, as_json: bool) -> None:
    with open_terminal(tenant, "clusters") as terminal:
        found = terminal.graph.read(service.get, cluster_id, terminal.policy, datetime.now(UTC))
    if as_json:
        say(ClusterResponse(), found, as_json=True)
        return
    for label in found.labels:
        click.echo(f"{label.name}: {label.reason}")
    doubts = {bridge.edge: bridge.doubt for bridge in found.bridges}
    say_rows(
        [
            {
                "one": edge.one,
                "other": edge.other,
                "kind": edge.kind,
                "confidence": edge.confidence,
                "doubt": doubts.get(edge),
            }
            for edge in sorted(found.edges, key=lambda edge: (-doubts.get(edge, 0.0), edge.one, edge.other))
        ]
    )


def _find(tenant: str) -> None:
    done = run_job(tenant, "clusters", unit="visitors, two rounds", total=_two_rounds)
    click.echo("another runner has the job" if done is None else f"clusters: {done}", err=True)


def _two_rounds(database: Database, tenant: str) -> int:
    # The job counts each visitor when it was looked at, and when its cluster was kept.
    return 2 * visitors(database, tenant)
