"""docs/analysis.md describes each analyst's query as its file does; the style sheet has each label and type."""

import re

import pytest

from app.config import CHECKOUT
from graph.queries import CYPHER
from graph.store import analysis
from graph.vocabulary import LABELS, PROPERTIES, TYPES

PAGE = (CHECKOUT / "docs" / "analysis.md").read_text(encoding="utf-8")
RULES = {
    rule[1]: rule[2]
    for rule in re.finditer(
        r"^([\w.]+) \{\n(.*?)^\}", (CYPHER / "analysis" / "whograph.grass").read_text(), re.MULTILINE | re.DOTALL
    )
}


def section(name: str) -> str:
    return PAGE.partition(f"### `{name}`\n")[2].partition("\n### ")[0]


def test_the_page_has_exactly_the_queries_for_analysts() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == list(analysis.names())


@pytest.mark.parametrize("name", analysis.names())
def test_the_page_describes_a_query_as_its_file_does(name: str) -> None:
    found, text = analysis.find(name), section(name)
    assert found.purpose in text
    assert f"```\n{found.paste}\n```" in text
    assert "\n".join(found.example) in text
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", text, re.MULTILINE)
    assert rows == [
        (each.name, {"": "''", None: ""}.get(each.default, each.default), each.about) for each in found.parameters
    ]


def test_exactly_the_labels_and_types_have_a_style() -> None:
    ours = {f"node.{label}" for label in LABELS} | {f"relationship.{kind}" for kind in TYPES}
    assert set(RULES) == ours | {"node", "relationship"}


@pytest.mark.parametrize("rule", RULES)
def test_a_caption_names_properties_of_its_label_or_type(rule: str) -> None:
    named = set(re.findall(r"\{(\w+)\}", RULES[rule]))
    assert named <= PROPERTIES.get(rule.partition(".")[2], frozenset())


def test_surer_relationship_types_are_drawn_wider() -> None:
    width = {rule: int(found[1]) for rule, text in RULES.items() if (found := re.search(r"shaft-width: (\d+)px", text))}
    surest_first = ["RESOLVES_TO", "TIED_TO", "IN", "PROBABLY", "SEEN_WITH"]
    widths = [width[f"relationship.{kind}"] for kind in surest_first]
    assert widths == sorted(set(widths), reverse=True)
