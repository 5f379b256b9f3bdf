"""Format the rows of an analysis, for programs."""

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.schemas.wire import wire_time

Row = dict[str, Any]

#: The type of content of CSV.
CSV = "text/csv; charset=utf-8"

#: How a cell begins that spreadsheets run as a formula (https://owasp.org/www-community/attacks/CSV_Injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json(rows: Iterable[Row]) -> str:
    """Format rows as a JSON array of objects; times are RFC 3339, evidence is as stored."""
    return json.dumps(as_values(rows), indent=2)


def as_values(rows: Iterable[Row]) -> list[Row]:
    """Return rows with values that JSON has; times are RFC 3339, evidence is as stored."""
    return [{name: _canonical(name, value) for name, value in row.items()} for row in rows]


def as_csv(columns: Sequence[str], rows: Iterable[Row], *, has_names: bool = True) -> str:
    """Format rows as CSV, after a line of names if it `has_names`. Lists, objects and booleans are JSON; unknown values are empty.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, since anybody with a page's key can
    name an event. Numbers stay numbers.
    """
    lines = _Lines()
    writer = csv.writer(lines)
    if has_names:
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


def _canonical(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return wire_time(value)
    if name == "evidence" and value is not None:
        return [json.loads(one) for one in value] if isinstance(value, list) else json.loads(value)
    return value
