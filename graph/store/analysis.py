"""The queries that analysts ask by name; each row comes back as plain values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from neo4j.graph import Node, Path
from neo4j.time import DateTime

from graph import queries
from graph.queries import BadQueryFile
from graph.transaction import Transaction

FOLDER = "analysis/"
GIVEN = re.compile(r"(?P<name>\w+)(?: = (?:'(?P<text>[^']*)'|(?P<number>[\d.]+)))?: (?P<about>.+)")
KINDS: Mapping[str, Callable[[str], Any]] = {"STRING": str, "INTEGER": int, "FLOAT": float}
#: More than anybody reads, and what fits into memory.
NUMBER_MAX = 1_000_000
#: The property that a node is called by, most telling first.
KEYS = ("user_id", "visitor_id", "jar_id", "event_id", "session_id", "hash", "week", "address", "identity_id")
SECOND_LABELS = frozenset({"Identity", "Message"})


@dataclass(frozen=True)
class Parameter:
    """What an analysis wants to be told; `default` is None where only the asker knows."""

    name: str
    kind: str
    about: str
    default: str | None

    def value(self, text: str) -> Any:
        """What was given as a text, in the query's type; raises `ValueError` saying which that is."""
        try:
            value = KINDS[self.kind](text)
        except ValueError:
            raise ValueError(f"{self.name} is of type {self.kind}, which {text!r} is not") from None
        if self.kind != "STRING" and not 0 <= value <= NUMBER_MAX:
            raise ValueError(f"{self.name} is between 0 and {NUMBER_MAX}, which {text} is not")
        return value


@dataclass(frozen=True)
class Analysis:
    """A query of `cypher/analysis`, as its header tells of it."""

    name: str
    text: str
    purpose: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    paste: str
    example: tuple[str, ...]

    def arguments(self, given: Mapping[str, str]) -> dict[str, Any]:
        """A value for each parameter, from texts and defaults.

        Raises `ValueError` naming what is unknown, missing or of another type, and what there is.
        """
        takes = f"{self.name} takes {', '.join(each.name for each in self.parameters)}"
        if unknown := given.keys() - {each.name for each in self.parameters}:
            raise ValueError(f"there is no parameter {', '.join(sorted(unknown))}: {takes}")
        texts = {each.name: each.default for each in self.parameters} | dict(given)
        if missing := [each for each in self.parameters if texts[each.name] is None]:
            wanted = "; ".join(f"{each.name}: {each.about}" for each in missing)
            raise ValueError(f"say {wanted} {takes}")
        return {each.name: each.value(str(texts[each.name])) for each in self.parameters}


def names() -> tuple[str, ...]:
    """The names of all analyses, in order."""
    return tuple(name.removeprefix(FOLDER) for name in queries.names() if name.startswith(FOLDER))


def find(name: str) -> Analysis:
    """One analysis by its name; raises `BadQueryFile` where its header does not tell of each parameter."""
    text, header = queries.load(FOLDER + name)
    found = [GIVEN.fullmatch(line) for line in header.for_analysts["given"]]
    given = {match["name"]: match for match in found if match}
    if None in found or tuple(given) != tuple(header.params):
        raise BadQueryFile(f"{FOLDER}{name}: given tells of {tuple(given)}, params of {tuple(header.params)}")
    return Analysis(
        name=name,
        text=text,
        purpose=header.purpose,
        parameters=tuple(
            Parameter(name, header.params[name], match["about"], match["number"] or match["text"])
            for name, match in given.items()
        ),
        columns=header.returns,
        paste=" ".join(header.for_analysts["paste"]),
        example=header.for_analysts["example"],
    )


def ask(tx: Transaction, analysis: Analysis, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows, each by column: texts, numbers, times in UTC, lists of them; a path is drawn as a text."""
    records = tx.run(analysis.text, dict(arguments))
    return [{column: _plain(record[column]) for column in analysis.columns} for record in records]


def _plain(value: Any) -> Any:
    if isinstance(value, DateTime):
        return value.to_native().astimezone(UTC)
    if isinstance(value, Path):
        return _drawn(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _drawn(path: Path) -> str:
    """`(User anna)<-[RESOLVES_TO claim 0.95]-(Tenure ten_…)`."""
    drawn = _named(path.nodes[0])
    for node, edge, following in zip(path.nodes, path.relationships, path.nodes[1:], strict=False):
        confidence = edge.get("confidence")
        said = [edge.type, edge.get("method"), None if confidence is None else f"{confidence:.2f}"]
        inside = f"-[{' '.join(filter(None, said))}]-"
        drawn += (f"{inside}>" if edge.start_node == node else f"<{inside}") + _named(following)
    return drawn


def _named(node: Node) -> str:
    label = min(node.labels - SECOND_LABELS)
    return f"({label} {next(node[key] for key in KEYS if key in node)})"
