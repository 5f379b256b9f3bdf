"""Run the queries that analysts name; their rows have plain values only."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from neo4j.graph import Node, Path
from neo4j.time import DateTime

from graph import queries
from graph.queries import BadQueryFile
from graph.transaction import Transaction

FOLDER = "analysis/"
#: A `given` line of a header: a parameter's name, its default if it has one, and what it means.
DESCRIBED = re.compile(r"(?P<name>\w+)(?: = (?:'(?P<text>[^']*)'|(?P<number>[\d.]+)))?: (?P<about>.+)")
#: The largest number that a parameter may have: more rows than anybody reads, and few enough to fit into memory.
NUMBER_MAX = 1_000_000
#: Parameters that are times, as text of ISO 8601. A time without an offset is in UTC; an empty text is no bound.
TIMES = frozenset({"since", "until"})
#: The properties that a node is named by when a path is drawn; the first one that the node has is used.
KEYS = ("user_id", "visitor_id", "jar_id", "event_id", "session_id", "hash", "week", "address", "identity_id")
#: Labels that a node has besides the one that it is drawn with.
SECOND_LABELS = frozenset({"Identity", "Message"})


def _listed(text: str) -> list[str]:
    """Return the texts of a JSON list, or of a text that separates them by commas: no such text has a comma."""
    if not text.lstrip().startswith("["):
        return [name.strip() for name in text.split(",") if name.strip()]
    names = json.loads(text)
    for name in names:
        if not isinstance(name, str):
            raise ValueError  # noqa: TRY004 - it is the text that is wrong
        # Half of a surrogate pair cannot be sent to Neo4j.
        name.encode()
    return list(names)


#: What makes a value of a type from text; raises `ValueError` for another type's.
KINDS: Mapping[str, Callable[[str], Any]] = {"STRING": str, "LIST<STRING>": _listed, "INTEGER": int, "FLOAT": float}
#: The types that have bounds.
NUMBERS = frozenset({"INTEGER", "FLOAT"})


@dataclass(frozen=True)
class Parameter:
    """A parameter of an analysis; `default` is None if the analyst has to give a value."""

    name: str
    kind: str
    about: str
    default: str | None

    def value(self, text: str) -> Any:
        """Return a value of the parameter's type from text.

        Raises:
            ValueError: The text is not of that type, is a number below 0 or above `NUMBER_MAX`, or is no time where one is
                wanted.
        """
        if self.name in TIMES and text:
            return _time(self.name, text)
        try:
            value = KINDS[self.kind](text)
        except (ValueError, RecursionError):
            raise ValueError(f"{self.name} is of type {self.kind}, which {text!r} is not") from None
        if self.kind in NUMBERS and not 0 <= value <= NUMBER_MAX:
            raise ValueError(f"{self.name} is between 0 and {NUMBER_MAX}, which {text} is not")
        return value


@dataclass(frozen=True)
class Analysis:
    """A query of `cypher/analysis`, with what its header says; `types` are those of Neo4j, by column."""

    name: str
    text: str
    purpose: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    types: Mapping[str, str]
    paste: str
    example: tuple[str, ...]

    def arguments(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return a value for each parameter, from the given texts and the defaults.

        Raises:
            ValueError: A given parameter is unknown, a parameter without a default is missing, or a text is not of the
                parameter's type. The message names it.
        """
        takes = f"{self.name} takes {', '.join(each.name for each in self.parameters)}"
        if unknown := given.keys() - {each.name for each in self.parameters}:
            raise ValueError(f"there is no parameter {', '.join(sorted(unknown))}: {takes}")
        texts = {each.name: each.default for each in self.parameters} | dict(given)
        if missing := [each for each in self.parameters if texts[each.name] is None]:
            wanted = "; ".join(f"{each.name}: {each.about}" for each in missing)
            raise ValueError(f"say {wanted} {takes}")
        return {each.name: each.value(str(texts[each.name])) for each in self.parameters}


@cache
def names() -> tuple[str, ...]:
    """Return the names of all analyses, in order."""
    return tuple(name.removeprefix(FOLDER) for name in queries.names() if name.startswith(FOLDER))


def find(name: str) -> Analysis:
    """Return an analysis by its name; raise `BadQueryFile` if its header does not describe each parameter."""
    text, header = queries.load(FOLDER + name)
    matches = [DESCRIBED.fullmatch(line) for line in header.for_analysts["given"]]
    given = {match["name"]: match for match in matches if match}
    if None in matches or tuple(given) != tuple(header.params):
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
        types=header.types,
        paste=" ".join(header.for_analysts["paste"]),
        example=header.for_analysts["example"],
    )


def ask(tx: Transaction, analysis: Analysis, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of an analysis, each by column: texts, numbers, times in UTC, and lists of these.

    A path is drawn as text, such as `(User anna)<-[RESOLVES_TO claim 0.95]-(Tenure ten_…)`.
    """
    records = tx.run(queries.sent(analysis.text), {queries.GIVEN: dict(arguments)})
    return [{column: _plain(record[column]) for column in analysis.columns} for record in records]


def _time(name: str, text: str) -> str:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} is a time such as 2026-03-01T12:00:00Z, which {text!r} is not") from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).isoformat()


def _plain(value: Any) -> Any:
    if isinstance(value, DateTime):
        return value.to_native().astimezone(UTC)
    if isinstance(value, Path):
        return _drawn(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _drawn(path: Path) -> str:
    drawn = _named(path.nodes[0])
    for node, edge, following in zip(path.nodes, path.relationships, path.nodes[1:], strict=False):
        confidence = edge.get("confidence")
        parts = [edge.type, edge.get("method"), None if confidence is None else f"{confidence:.2f}"]
        inside = f"-[{' '.join(filter(None, parts))}]-"
        drawn += (f"{inside}>" if edge.start_node == node else f"<{inside}") + _named(following)
    return drawn


def _named(node: Node) -> str:
    label = min(node.labels - SECOND_LABELS)
    return f"({label} {next(node[key] for key in KEYS if key in node)})"
