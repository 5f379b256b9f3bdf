"""Read rows from a file of JSON lines, CSV or Parquet, each with its line, in bounded memory."""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from marshmallow import ValidationError

from app import parquet
from app.errors import Malformed
from app.half_pairs import has_half
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
NOT_UTF_8 = "the line is not UTF-8"
#: Integers beyond these are text, as the graph has none.
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Limits:
    """What a row may be, as of a call."""

    bytes_max: int
    depth_levels_max: int
    object_keys_max: int


@dataclass(frozen=True)
class Row:
    """A row of a file: its line, counted from 1, what it says, and why it cannot be read, if it cannot.

    A row `is_cut` if it cannot be read and its line has no end yet: whoever writes the file may go on with it.
    """

    line: int
    said: dict[str, Any] = field(default_factory=dict)
    why: str | None = None
    text: str | None = None
    has_halves: bool = False
    is_cut: bool = False


@dataclass
class Source:
    """A file that is read. Of lines of JSON before `after`, only the first is parsed, since they are done already.

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
            ValueError: The file is not what its type says, or is cut off.
            OSError: The file cannot be read.
        """
        try:
            yield from self._rows()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"{self.path} cannot be unpacked: {error}") from error

    def _rows(self) -> Iterator[Row]:
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
            elif text.strip() and (is_first or number >= self.after):
                yield _cut_if(self._parsed(number, text), not is_whole)
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
        has_halves = has_half_escaped(text, said)
        for name in OBJECTS & said.keys():
            # Exports from warehouses have objects as text. Any other text is judged by the schema of the row.
            if isinstance(said[name], str) and said[name].lstrip().startswith("{"):
                try:
                    said[name], inner_has = _object(said[name], self.limits)
                except ValueError as error:
                    return Row(number, said, why=f"{name} is no JSON object: {error}")
                has_halves = has_halves or inner_has
        return Row(number, said, has_halves=has_halves)

    def _csv(self, unpacked: BinaryIO, raw: BinaryIO) -> Iterator[Row]:
        text = io.TextIOWrapper(unpacked, encoding="utf-8-sig", errors="surrogateescape", newline="")
        csv.field_size_limit(self.limits.bytes_max)
        is_whole = True

        def lines() -> Iterator[str]:
            nonlocal is_whole
            for line in text:
                is_whole = line.endswith(("\n", "\r"))
                yield line

        reader = csv.reader(lines(), strict=True)
        names: list[str] | None = None
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield Row(reader.line_num, why=f"the line is no CSV: {error}", is_cut=not is_whole)
                continue
            if cells is None:
                break
            self._note(raw)
            if names is None:
                names = cells
                if has_half(names):
                    raise ValueError("the first line, which names the columns, is not UTF-8")
            elif any(cells):
                yield _cut_if(_of_cells(reader.line_num, names, cells, self.limits), not is_whole)
        text.detach()

    def _parquet(self) -> Iterator[Row]:
        if self.path is None:
            raise ValueError("Parquet has its index at its end, so it is read from a file and not from a stream")
        self.size = parquet.count(self.path)
        for number, said in enumerate(parquet.read(self.path), start=1):
            self.read = number
            yield _of_values(number, said, self.limits)


def _cut_if(row: Row, is_cut: bool) -> Row:  # noqa: FBT001 - it is the name of the function
    return replace(row, is_cut=True) if is_cut and row.why is not None else row


def _of_cells(number: int, names: list[str], cells: list[str], limits: Limits) -> Row:
    """Return a line of CSV as a row. A dot in a column's name nests: `properties.price` is `price` of `properties`."""
    if len(cells) != len(names):
        why = f"the line has {len(cells)} cells, and the first line names {len(names)} columns"
        return Row(number, why=why, text=_shown(",".join(cells).encode(errors="surrogateescape")))
    values: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=True):
        if cell:
            values[name] = BOOLEANS.get(cell.lower(), cell) if name in OF_BOOLEANS else cell
    return _of_values(number, values, limits)


def _of_values(number: int, values: Mapping[str, Any], limits: Limits) -> Row:
    said: dict[str, Any] = {}
    why, has_halves = None, False
    for name, value in values.items():
        plain = _plain(value)
        if plain is None:
            continue
        if has_half(plain):
            why = NOT_UTF_8
        elif name in OBJECTS and isinstance(plain, str):
            try:
                plain, inner_has = _object(plain, limits)
            except ValueError as error:
                why = why or f"{name} is no JSON object: {error}"
            else:
                has_halves = has_halves or inner_has
        outer, dot, inner = name.partition(".")
        if dot and outer in OBJECTS:
            within = said.setdefault(outer, {})
            if isinstance(within, dict):
                within[inner] = plain
        elif isinstance(plain, dict) and isinstance(said.get(name), dict):
            said[name] = {**plain, **said[name]}
        else:
            said[name] = plain
    return Row(number, said, why=why, has_halves=has_halves)


def _object(text: str, limits: Limits) -> tuple[dict[str, Any], bool]:
    """Return the JSON object in a text, and whether it has half a surrogate pair.

    Raises:
        ValueError: It is none, or exceeds the limits.
    """
    body = text.encode(errors="surrogatepass")
    try:
        value = parse(body, max_depth_levels=limits.depth_levels_max - 1, max_object_keys=limits.object_keys_max)
    except Malformed as error:
        raise ValueError(error.message.replace("the body", "the text")) from None
    except ValidationError as error:
        raise ValueError(" ".join(map(str, error.messages))) from None
    if not isinstance(value, dict):
        raise ValueError(_shown(body))  # noqa: TRY004 - it is the value of a row
    return value, has_half_escaped(body, value)


def _plain(value: Any) -> Any:
    """Return a value of Parquet as JSON would have it: times and bytes as text, and no fields that are null or no number.

    Bytes that are not UTF-8 become half surrogate pairs, by which the row is rejected.
    """
    if isinstance(value, dict):
        plain = {name: _plain(inner) for name, inner in value.items()}
        return {name: inner for name, inner in plain.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int | float):
        return _number(value)
    return value if value is None or isinstance(value, str) else _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    if isinstance(value, datetime):
        return wire_time(value if value.tzinfo else value.replace(tzinfo=UTC))
    return value.isoformat() if isinstance(value, date) else str(value)


def _number(value: Any) -> float | str | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if INTEGER_MIN <= value <= INTEGER_MAX else str(value)


def _shown(text: bytes) -> str:
    """Return as much of a line as shows which one it is."""
    shown = text.decode(errors="replace")
    return shown if len(shown) <= 1_000 else f"{shown[:1_000]}…"


def type_of(path: Path) -> FileType | None:
    """Return the type of a file by its name, which may end in `.gz`; None if the name does not tell."""
    name = path.with_suffix("") if path.suffix == ".gz" else path
    return FILE_TYPES.get(name.suffix.lower())
