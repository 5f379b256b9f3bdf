"""docs/analysis.md tells of each query for analysts what its file does, and the style sheet of each label and type."""

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


def test_the_page_has_each_query_and_no_other() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)) == list(analysis.names())


@pytest.mark.parametrize("name", analysis.names())
def test_the_page_says_of_a_query_what_its_file_says(name: str) -> None:
    found, said = analysis.find(name), section(name)
    assert found.purpose in said
    assert f"```\n{found.paste}\n```" in said
    assert "\n".join(found.example) in said
    rows = re.findall(r"^\| `(\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", said, re.MULTILINE)
    assert rows == [
        (each.name, {"": "''", None: ""}.get(each.default, each.default), each.about) for each in found.parameters
    ]


def test_every_label_and_type_has_a_style_and_no_other() -> None:
    ours = {f"node.{label}" for label in LABELS} | {f"relationship.{kind}" for kind in TYPES}
    assert set(RULES) == ours | {"node", "relationship"}


@pytest.mark.parametrize("rule", RULES)
def test_a_caption_is_a_property_that_what_it_names_has(rule: str) -> None:
    named = set(re.findall(r"\{(\w+)\}", RULES[rule]))
    assert named <= PROPERTIES.get(rule.partition(".")[2], frozenset())


def test_what_is_surer_is_wider() -> None:
    width = {rule: int(found[1]) for rule, text in RULES.items() if (found := re.search(r"shaft-width: (\d+)px", text))}
    surest_first = ["RESOLVES_TO", "TIED_TO", "IN", "PROBABLY", "SEEN_WITH"]
    widths = [width[f"relationship.{kind}"] for kind in surest_first]
    assert widths == sorted(set(widths), reverse=True)
