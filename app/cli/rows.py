"""Format the rows of an answer, for people and for programs."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.schemas.wire import wire_time

Row = dict[str, Any]

#: An id that the service made: a prefix, and a UUIDv7 or a hash. The last digits of a UUIDv7 tell it from other
#: ids of the same moment.
ID = re.compile(r"\b([a-z]{3})_(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{6}|[0-9a-f]{26})([0-9a-f]{6})\b")
#: Wider than any terminal, so that piped tables are not wrapped.
PIPED_WIDTH = 10_000
#: How a cell begins that spreadsheets run as a formula (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(rows: Iterable[Row]) -> str:
    """Format rows as a JSON array of objects; times are RFC 3339, evidence is as stored."""
    return json.dumps([{name: _canonical(name, value) for name, value in row.items()} for row in rows], indent=2)


def as_csv(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """Format rows as CSV, after a line of names. Lists, objects and booleans are JSON; unknown values are empty.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, since anybody with a page's key can
    name an event. Numbers stay numbers.
    """
    lines = _Lines()
    writer = csv.writer(lines)
    writer.writerow(columns)
    for row in rows:
        values = [_canonical(name, row[name]) for name in columns]
        writer.writerow([_cell(one) for one in values])
    return "".join(lines)


class _Lines(list[str]):
    """Takes the lines of a CSV writer, and ends each with a line feed.

    If the writer itself ended them so, it would not quote a text with a carriage return, and what follows it in the text
    would begin a row.
    """

    def write(self, line: str) -> None:
        self.append(line.removesuffix("\r\n") + "\n")


def _cell(value: Any) -> Any:
    if isinstance(value, bool | list | dict):
        return json.dumps(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_table(columns: Sequence[str], rows: Iterable[Row], *, width: int | None, whole_ids: bool = False) -> str:
    """Format rows as a Markdown table. Ids are shortened to their ends unless `whole_ids`; numbers have two decimals."""
    table = Table(box=box.MARKDOWN)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        cells = [_harmless(_readable(name, row[name])) for name in columns]
        table.add_row(*(Text(cell if whole_ids else ID.sub(r"\1_…\2", cell)) for cell in cells))
    console = Console(width=width or PIPED_WIDTH, file=io.StringIO(), no_color=True)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines() if line.strip())


def _canonical(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return wire_time(value)
    if name == "evidence" and value is not None:
        return [json.loads(one) for one in value] if isinstance(value, list) else json.loads(value)
    return value


def _readable(name: str, value: Any) -> str:
    if name == "evidence":
        value = [
            _reason(one) for text in ([value] if isinstance(value, str) else value or []) for one in json.loads(text)
        ]
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.2f}"
        case list():
            return ", ".join(_readable("", one) for one in value)
        case _:
            return str(value)


def _harmless(text: str) -> str:
    """Replace characters that could control a terminal, since anybody with a page's key can name an event."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _reason(evidence: Row) -> str:
    """Format evidence, such as `fingerprint 0.60 (shared by 2)`."""
    shared_by = evidence.get("shared_by")
    return f"{evidence['kind']} {evidence['strength']:.2f}" + (f" (shared by {shared_by})" if shared_by else "")
