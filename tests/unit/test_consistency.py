"""The rules and the report of the check of a graph."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.cli import consistency as command
from graph.acts.consistency import Report
from graph.rules.consistency import Figures, Finding, KeptRelationship, Kind, Related, related
from graph.rules.policy import Policy

NOTHING = Figures(None, None, None, None, None, None)


class Read(list[KeptRelationship]):
    """A list that counts how many items were read from it."""

    def __init__(self, *items: Any) -> None:
        super().__init__(*items)
        self.items = 0

    def __iter__(self) -> Iterator[KeptRelationship]:
        for item in super().__iter__():
            self.items += 1
            yield item


def test_a_visitors_relationships_are_not_searched_for_each_user() -> None:
    edges = Read(
        KeptRelationship(f"user-{number}", "vis_a", True, True, True, False, True, False, [], NOTHING, {})
        for number in range(100)
    )
    found = list(related(Related("vis_a", is_merged=False, is_server=False, edges=edges, hidden=[]), {}, Policy()))
    assert [finding.kind for finding in found] == [Kind.RELATIONSHIP_FIGURES] * 100
    assert edges.items < 5 * 100


def test_the_command_says_how_many_nodes_were_not_checked(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.add([Finding(Kind.NOT_CHECKED, {"visitorId": "vis_a"}, "it takes longer to read than 30 s")])
    command._print(report)
    shown = capsys.readouterr().out
    assert "visitorId vis_a" in shown
    assert "1 found, 1 left, 1 not checked" in shown
