"""Format the rows of an answer as a table."""

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

from app.schemas.rows import Row

#: An id that the service made: a prefix, and a UUIDv7 or a hash. The last digits of a UUIDv7 tell it from other
#: ids of the same moment.
ID = re.compile(r"\b([a-z]{3})_(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{6}|[0-9a-f]{26})([0-9a-f]{6})\b")
#: Wider than any terminal, so that piped tables are not wrapped.
PIPED_WIDTH = 10_000


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
