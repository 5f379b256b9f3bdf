"""Check the graph, and repair it."""

from app import context, metrics
from graph.acts import consistency
from graph.rules import times


def run(*, is_repairing: bool, start: consistency.Checkpoint | None, limit: int | None) -> consistency.Report:
    """Check the tenant's graph, and count what the check found, also if it fails half-way.

    It checks `limit` nodes, or all of them, from the place `start` on.
    """
    check = consistency.Check(
        policy=context.policy(),
        is_repairing=is_repairing,
        at=times.whole_milliseconds(context.now()),
        actor=context.caller().actor,
        new_id=context.ids(),
    )
    report = consistency.Report(goes_on=start)
    try:
        return consistency.act(context.graph(), check, report=report, limit=limit)
    finally:
        metrics.consistency_findings(report.kinds)
