"""Read rows from a file of JSON lines, CSV or Parquet, each with its line, in bounded memory."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from marshmallow import ValidationError

from app import parquet
from app.errors import Malformed
from app.json_body import has_half_escaped, parse
from app.schemas.wire import wire_time

FileType = Literal["jsonl", "csv", "parquet"]
FILE_TYPES: Mapping[str, FileType] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
#: Columns of CSV and Parquet that hold JSON, as exports write objects into one cell.
OBJECTS = frozenset({"properties", "context", "traits", "userProperties", "page", "fingerprint", "person_properties"})
#: Columns of CSV that hold `true` or `false`; any other text stays text, such as an event's name.
OF_BOOLEANS = frozenset({"onBehalfOf", "consent", "properties.$is_identified", "properties.$process_person_profile"})
BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True)
class Limits:
    """What a row may be, as of a call."""

    bytes_max: int
    depth_levels_max: int
    object_keys_max: int


@dataclass(frozen=True)
class Row:
    """A row of a file: its line, counted from 1, what it says, and why it cannot be read, if it cannot."""

    line: int
    said: dict[str, Any] = field(default_factory=dict)
    why: str | None = None
    text: str | None = None
    has_halves: bool = False


@dataclass
class Source:
    """A file that is read. Of lines of JSON up to `after`, only the first is parsed, since they are done already.

    `read` and `size` tell how far: in bytes, or in rows of Parquet. The size of a stream is unknown.
    """

    path: Path | None
    file_type: FileType
    limits: Limits
    stream: BinaryIO | None = None
    after: int = 0
    read: int = 0
    size: int | None = None

    def rows(self) -> Iterator[Row]:
        """Yield the rows that are not empty, in their order.

        Raises:
            NoParquet: The file is Parquet, and pyarrow is not installed.
            ValueError: The file is not what its type says.
        """
        if self.file_type == "parquet":
            yield from self._parquet()
            return
        with self._opened() as raw:
            unpacked = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if self._is_packed() else raw
            read = self._jsonl(unpacked, raw) if self.file_type == "jsonl" else self._csv(unpacked, raw)
            yield from read

    def _is_packed(self) -> bool:
        return self.path is not None and self.path.suffix == ".gz"

    def _opened(self) -> AbstractContextManager[BinaryIO]:
        if self.path is None:
            return nullcontext(cast("BinaryIO", self.stream))
        self.size = self.path.stat().st_size
        return self.path.open("rb")

    def _note(self, raw: BinaryIO) -> None:
        if self.path is not None:
            self.read = raw.tell()

    def _jsonl(self, unpacked: BinaryIO, raw: BinaryIO) -> Iterator[Row]:
        limit, number, is_first = self.limits.bytes_max, 0, True
        while line := unpacked.readline(limit + 2):
            number += 1
            is_whole = line.endswith(b"\n")
            text = line.rstrip(b"\r\n")
            if number == 1:
                text = text.removeprefix(b"\xef\xbb\xbf")
            self._note(raw)
            if len(text) > limit:
                while not is_whole and (rest := unpacked.readline(limit)):
                    is_whole = rest.endswith(b"\n")
                yield Row(number, why=f"the line is longer than {limit} bytes: shorten it", text=_shown(text))
            elif text.strip() and (is_first or number > self.after):
                yield self._parsed(number, text)
            is_first = is_first and not text.strip()

    def _parsed(self, number: int, text: bytes) -> Row:
        try:
            said = parse(
                text,
                max_depth_levels=self.limits.depth_levels_max,
                max_object_keys=self.limits.object_keys_max,
            )
        except Malformed as error:
            return Row(number, why=error.message.replace("the body", "the line"), text=_shown(text))
        except ValidationError as error:
            return Row(number, why=" ".join(map(str, error.messages)), text=_shown(text))
        if not isinstance(said, dict):
            return Row(number, why="the line is no JSON object", text=_shown(text))
        return Row(number, said, has_halves=has_half_escaped(text, said))

    def _csv(self, unpacked: BinaryIO, raw: BinaryIO) -> Iterator[Row]:
        text = io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="replace", newline="")
        csv.field_size_limit(self.limits.bytes_max)
        reader = csv.reader(text)
        names: list[str] | None = None
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Row(reader.line_num, why=f"the line is no CSV: {error}")
                continue
            if cells is None:
                break
            self._note(raw)
            if names is None:
                names = cells
            elif any(cells):
                yield _of_cells(reader.line_num, names, cells)
        text.detach()

    def _parquet(self) -> Iterator[Row]:
        if self.path is None:
            raise ValueError("Parquet has its index at its end, so it is read from a file and not from a stream")
        self.size = parquet.count(self.path)
        for number, said in enumerate(parquet.read(self.path), start=1):
            self.read = number
            yield _of_values(number, said)


def _of_cells(number: int, names: list[str], cells: list[str]) -> Row:
    """Return a line of CSV as a row. A dot in a column's name nests: `properties.price` is `price` of `properties`."""
    if len(cells) > len(names):
        why = f"the line has {len(cells)} cells, and the first line names {len(names)} columns"
        return Row(number, why=why, text=_shown(",".join(cells).encode()))
    values: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell:
            values[name] = BOOLEANS.get(cell.lower(), cell) if name in OF_BOOLEANS else cell
    return _of_values(number, values)


def _of_values(number: int, values: Mapping[str, Any]) -> Row:
    said: dict[str, Any] = {}
    for name, value in values.items():
        plain = _plain(value)
        if plain is None:
            continue
        if name in OBJECTS and isinstance(plain, str):
            try:
                plain = json.loads(plain)
            except ValueError:
                return Row(number, why=f"{name} is no JSON object: {_shown(plain.encode())}", text=str(dict(values)))
        outer, dot, inner = name.partition(".")
        if dot and outer in OBJECTS:
            within = said.setdefault(outer, {})
            if isinstance(within, dict):
                within[inner] = plain
        elif isinstance(plain, dict) and isinstance(said.get(name), dict):
            said[name] = {**plain, **said[name]}
        else:
            said[name] = plain
    return Row(number, said)


def _plain(value: Any) -> Any:
    """Return a value of Parquet as JSON would have it: times as text, and no fields that are null."""
    if isinstance(value, datetime):
        return wire_time(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _shown(text: bytes) -> str:
    """Return as much of a line as shows which one it is."""
    shown = text.decode(errors="replace")
    return shown if len(shown) <= 1_000 else f"{shown[:1_000]}…"


def type_of(path: Path) -> FileType | None:
    """Return the type of a file by its name, which may end in `.gz`; None if the name does not tell."""
    name = path.with_suffix("") if path.suffix == ".gz" else path
    return FILE_TYPES.get(name.suffix.lower())
