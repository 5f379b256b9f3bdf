"""Check the graph, and repair it."""

from app import context, metrics
from graph.acts import consistency
from graph.rules import times


def run(*, is_repairing: bool) -> consistency.Report:
    """Check the tenant's whole graph, and count what the check found, also if it fails half-way."""
    check = consistency.Check(
        policy=context.policy(),
        is_repairing=is_repairing,
        at=times.whole_milliseconds(context.now()),
        actor=context.caller().actor,
        new_id=context.ids(),
    )
    report = consistency.Report()
    try:
        return consistency.act(context.graph(), check, report=report)
    finally:
        metrics.consistency_findings(report.kinds)
