"""Load and run queries. Each is a file under `cypher/`, whose header is checked at loading and at each call.

The header has these keys in this order, each on one line or several:

    // purpose: One sentence.
    // access:  read | write | schema
    // params:  tenant STRING, rows LIST<MAP> {i INTEGER, at ZONED DATETIME NULL}       (or: none)
    // returns: i INTEGER, name STRING NULL        (or: nothing)
    // index:   Event(tenant, message_id)          (or: none)

A line `// part: NAME` in a body stands for the body of `cypher/parts/NAME.cypher`, so that a predicate is written once.
The part's variables can be renamed: `// part: close(open: tie)` is the part `close` with `tie` for `open`.

The queries that analysts paste and run (`cypher/analysis`) have three more keys:

    // given:   limit = 200: What a parameter means, and its default where it has one.
    // paste:   :params {limit: 200}               (sets them in Neo4j Browser)
    // example: | i | name |                       (a table of what comes back)
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache, partial
from itertools import dropwhile, takewhile
from operator import is_
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

import cattrs
from neo4j.time import DateTime

from graph.errors import Torn
from graph.rules.times import of_milliseconds
from graph.transaction import Transaction

CYPHER = Path(__file__).resolve().parent.parent / "cypher"

R = TypeVar("R")
KEYS = ("purpose", "access", "params", "returns", "index")
FOR_ANALYSTS = ("given", "paste", "example")
ACCESS = ("read", "write", "schema")
#: A field of a header: a name, a type in capitals, and for a map its fields in braces.
FIELD = re.compile(r"(?P<name>\w+) (?P<type>[A-Z][A-Z<> ]*[A-Z>])\s*(?:\{(?P<map>[^{}]*)\})?")
INDEX = re.compile(r"\w+\([\w, ]+\)")
PARAMETER = re.compile(r"\$(\w+)")
COMMENT = re.compile(r"//[^\n]*")
#: A line that stands for a part, and the new names of its variables.
PART = re.compile(r"^(?P<indent> *)// part: (?P<name>\w+)(?:\((?P<renamed>[^()]*)\))?$", re.MULTILINE)
#: Folders whose files are no queries: the parts, and the files that `graph.generated` writes.
NO_QUERIES = ("parts", "paste")

#: Parameters that come from the transaction. Callers cannot pass them, so no query can run for another tenant.
FROM_TRANSACTION: Mapping[str, Callable[[Transaction], Any]] = MappingProxyType(
    {
        "tenant": lambda tx: tx.tenant,
        "change_id": lambda tx: tx.change.id,
        "actor": lambda tx: tx.change.actor,
        "reason": lambda tx: tx.change.reason,
    }
)

#: The one parameter that Neo4j gets: a map of all. A plan is kept by the text and by the types of the parameters, and these
#: include the sizes of texts and lists. So `anna` and `anna@shop.example` would each be planned, in up to 2 s. Within a map
#: neither type nor size counts.
GIVEN = "given"

#: Called after every query with its name and its seconds. The web app sets it to feed its metrics.
observe: Callable[[str, float], None] = lambda _name, _seconds: None  # noqa: E731 - a hook with a default


class BadQueryFile(ValueError):  # noqa: N818 - it stops the start, naming the file
    """A query file whose header and body disagree."""


@dataclass(frozen=True)
class Header:
    """The header of a query file."""

    purpose: str
    access: str
    params: Mapping[str, str]
    rows: frozenset[str]
    returns: tuple[str, ...]
    types: Mapping[str, str]
    index: tuple[str, ...]
    for_analysts: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Query(Generic[R]):
    """A loaded query. Called in a transaction with the parameters of its header, it returns one `R` for each row."""

    name: str
    sent: str
    header: Header
    row: type[R]

    def __call__(self, tx: Transaction, **params: Any) -> list[R]:
        """Run the query for the transaction's tenant and change; with an empty list of `rows` it is not run.

        Raises:
            TypeError: A parameter or a key of a row is missing or extra. Cypher would read a missing one as null and
                ignore an extra one.
        """
        if params.keys() != self.header.params.keys() - FROM_TRANSACTION.keys():
            raise TypeError(f"{self.name} takes {sorted(self.header.params)}, was given {sorted(params)}")
        params |= {name: taken_from(tx) for name, taken_from in FROM_TRANSACTION.items() if name in self.header.params}
        for row in params.get("rows", ()):
            if row.keys() != self.header.rows:
                raise TypeError(f"{self.name} takes rows of {sorted(self.header.rows)}, was given {sorted(row)}")
        if "rows" in params and not params["rows"]:
            return []
        started = time.perf_counter()
        result = tx.run(self.sent, {GIVEN: params})
        # `data()` would search every value for nodes, and no answer holds any.
        names = result.keys() if self.header.returns else ()
        records = [dict(zip(names, record, strict=True)) for record in result] if names else []
        result.consume()
        observe(self.name, time.perf_counter() - started)
        return [_converter.structure(record, self.row) for record in records]

    def one(self, tx: Transaction, **params: Any) -> R:
        """Run the query and return its only row; raises `ValueError` unless there is exactly one."""
        [row] = self(tx, **params)
        return row

    def one_or_none(self, tx: Transaction, **params: Any) -> R | None:
        """Run the query and return its only row, or None without rows.

        A damaged graph may give several rows, such as for a jar in two visitors. The first is returned, so that calls
        are answered until the graph is repaired.
        """
        return next(iter(self(tx, **params)), None)


@dataclass(frozen=True)
class Nothing:
    """The row type of a query that returns nothing."""


def query(name: str, row: type[R]) -> Query[R]:
    """Load `cypher/<name>.cypher`; its rows are read as the dataclass `row`.

    Raises:
        BadQueryFile: Header, body and dataclass disagree. Queries are loaded at import, so a bad file stops the start.
    """
    text, header = load(name)
    names = tuple(field.name for field in fields(cast("Any", row)))
    if names != header.returns:
        raise BadQueryFile(f"{name} returns {header.returns}, {row.__name__} holds {names}")
    return Query(name, sent(text), header, row)


def sent(text: str) -> str:
    """Return a query as it is sent: without comments, and with each parameter read from the map of all."""
    return PARAMETER.sub(rf"${GIVEN}.\1", COMMENT.sub("", text)).strip()


@cache
def load(name: str) -> tuple[str, Header]:
    """Read one query file and check its header against its body."""
    text = expanded((CYPHER / f"{name}.cypher").read_text(encoding="utf-8"))
    header = _header(name, text)
    body = COMMENT.sub("", text)
    _same(name, "parameters", set(PARAMETER.findall(body)), set(header.params))
    if "rows" in header.params:
        _same(name, "keys of a row", set(re.findall(r"\brow\.(\w+)", body)), set(header.rows))
    returned = body.rpartition("RETURN")[2]
    missing = [column for column in header.returns if not re.search(rf"(?<![.$\w]){column}\b(?!:)", returned)]
    if missing:
        raise BadQueryFile(f"{name} does not return {missing}")
    return text, header


def names() -> Iterator[str]:
    """Yield the names of all query files, in order; parts and generated files are left out."""
    for path in sorted(CYPHER.rglob("*.cypher")):
        if path.parent.name not in NO_QUERIES:
            yield path.relative_to(CYPHER).with_suffix("").as_posix()


def expanded(text: str) -> str:
    """Put the parts into a query's text; raises `BadQueryFile` for an unknown part, or variable of a part."""
    return PART.sub(_part, text)


def _part(line: re.Match[str]) -> str:
    file = CYPHER / "parts" / f"{line['name']}.cypher"
    if not file.exists():
        raise BadQueryFile(f"there is no part {line['name']}")
    lines = file.read_text(encoding="utf-8").splitlines()
    body = expanded("\n".join(dropwhile(lambda each: each.startswith("//") and not PART.match(each), lines)))
    renamed = dict(pair.split(": ") for pair in (line["renamed"] or "").split(", ") if pair)
    # All at once, so that (a: b, b: c) does not turn a into c.
    variables = re.compile(rf"(?<![.:$\w])({'|'.join(renamed) or '(?!)'})\b(?!: )")
    for variable in renamed.keys() - set(variables.findall(body)):
        raise BadQueryFile(f"the part {line['name']} has no variable {variable}")
    body = variables.sub(lambda found: renamed[found[0]], body)
    return "\n".join(line["indent"] + each for each in body.splitlines())


def _header(name: str, text: str) -> Header:
    lines = [line[2:].strip() for line in takewhile(lambda line: line.startswith("//"), text.splitlines())]
    wanted = KEYS + FOR_ANALYSTS if name.startswith("analysis/") else KEYS
    parts: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        word, colon, rest = line.partition(":")
        if colon and word in wanted:
            key = word
            parts[key] = [rest.strip()]
        elif key:
            parts[key].append(line)
    if tuple(parts) != wanted:
        raise BadQueryFile(f"{name}: the header needs {wanted} in this order, has {tuple(parts)}")
    found = {key: " ".join(parts[key]) for key in KEYS}
    if found["access"] not in ACCESS:
        raise BadQueryFile(f"{name}: the access is one of {ACCESS}, not {found['access']}")
    params = {match["name"]: match for match in _items(name, FIELD, found["params"], empty="none")}
    rows = params["rows"]["map"] if "rows" in params else None
    returned = _items(name, FIELD, found["returns"], empty="nothing")
    return Header(
        purpose=found["purpose"],
        access=found["access"],
        params={param: match["type"] for param, match in params.items()},
        rows=frozenset(match["name"] for match in _items(name, FIELD, rows or "", empty="")),
        returns=tuple(match["name"] for match in returned),
        types={match["name"]: match["type"].removesuffix(" NULL") for match in returned},
        index=tuple(match[0] for match in _items(name, INDEX, found["index"], empty="none")),
        for_analysts={key: tuple(filter(None, parts[key])) for key in wanted[len(KEYS) :]},
    )


def _items(name: str, item: re.Pattern[str], text: str, *, empty: str) -> list[re.Match[str]]:
    """Return the items of a list in a header; text that is no item raises `BadQueryFile`."""
    if text == empty:
        return []
    if unread := item.sub("", text).strip(", "):
        raise BadQueryFile(f"{name}: cannot read {unread!r} in the header")
    return list(item.finditer(text))


def _same(name: str, what: str, body: set[str], header: set[str]) -> None:
    if body != header:
        raise BadQueryFile(f"{name}: {what} differ: only in the body {body - header}, in the header {header - body}")


def _exactly(kind: type) -> Callable[[Any, Any], Any]:
    def check(value: Any, _: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError(f"expected {kind.__name__}, the database answered {value!r}")
        return value

    return check


def _number(value: Any, _: Any) -> float:
    if value is None:
        raise Torn("expected a number, the database answered null")
    return float(value)


def _time(value: Any, _: Any) -> datetime:
    # Reading its own time values takes the driver ten times as long. So hot queries return times as milliseconds since
    # 1970, and queries of long lists as text.
    if isinstance(value, int):
        return of_milliseconds(value)
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if value is None:
        raise Torn("expected a time, the database answered null")
    if not isinstance(value, DateTime):
        raise TypeError(f"expected a time, the database answered {value!r}")
    # The driver reads a time that was written at offset 0 as zone `UTC`. To Cypher the two differ, and comparing them by
    # >= fails.
    return value.to_native().astimezone(UTC)


# By itself, cattrs would turn a null in a STRING column into the text 'None'. A wrong type is a bug and must be raised.
_converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
# The hook is for the type itself and not for its subclasses, so that an Enum of texts is made from its value.
for _kind in (str, int, bool):
    _converter.register_structure_hook_func(partial(is_, _kind), _exactly(_kind))
_converter.register_structure_hook(float, _number)
_converter.register_structure_hook(datetime, _time)

Rows = Sequence[Mapping[str, Any]]
