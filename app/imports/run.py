"""Import a file, chunk by chunk, with a checkpoint after each."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, TypeVar

from app.imports.calls import Calls, Done, Rejected
from app.imports.checkpoint import Checkpoint, OtherFile, hash_of
from app.imports.rows import Row, Source

T = TypeVar("T")

#: How many rows are imported between two checkpoints. After a kill at most so many are read again.
CHUNK = 1_000


@dataclass(frozen=True)
class Import:
    """What is imported: a file, for a tenant, with where to keep the checkpoint and the rejected rows.

    Without a checkpoint an import cannot go on. `shape` is that of all rows; without it each row shows its own.
    """

    source: Source
    tenant: str
    shape: str | None
    checkpoint: Path | None
    rejected: Path
    anew: bool = False

    def begin(self) -> Checkpoint | None:
        """Return how far an earlier run came; None if there was none.

        Raises:
            OtherFile: The checkpoint is of another tenant, type or shape, or is none.
        """
        if self.checkpoint is None or self.anew:
            return None
        place = Checkpoint.read(self.checkpoint)
        if place is None:
            return None
        for what, then, now in (
            ("tenant", place.tenant, self.tenant),
            ("--file-type", place.file_type, self.source.file_type),
            ("--format", place.shape, self.shape),
        ):
            if then != now:
                raise OtherFile(
                    f"{self.checkpoint} is of {what} {then or 'none'}, and not {now or 'none'}: "
                    "name another one with --checkpoint, or begin --anew"
                )
        return place

    def run(self, calls: Calls, place: Checkpoint | None, tell: Callable[[Checkpoint], None]) -> Checkpoint:
        """Import what is behind a place; return how it ended. `tell` is called after each chunk.

        A last line that has no end yet and cannot be read is rejected, but not done: the next run reads it again.

        Raises:
            OtherFile: The checkpoint is of a file with another first row, or with another row at its line.
            OSError: The checkpoint or the list of rejected rows cannot be written.
            GraphUnavailable: Neo4j does not answer. The next run goes on after the last chunk.
            GraphTimeout: A transaction took too long.
        """
        rows = self._behind(place)
        first = next(rows, None)
        if first is None:
            return place or Checkpoint(self.tenant, self.source.file_type, self.shape, "")
        is_new, kept = not self.rejected.exists(), None if place is None else place.rejected_bytes
        # A file that has only the beginning of a line cannot be told from others yet.
        has_place = place is not None or not first.is_cut
        place = place or Checkpoint(self.tenant, self.source.file_type, self.shape, hash_of(first))
        with _opened(self.rejected, kept) as rejected:
            ended = place = replace(place, rejected_bytes=rejected.tell())
            if has_place:
                self._write(place)
            chunks = _ahead(calls.load(chunk, self.shape) for chunk in _chunks(chain([first], rows)))
            for chunk in chunks:
                whole = [loaded for loaded in chunk if not loaded.row.is_cut]
                if whole:
                    last = whole[-1].row
                    place = replace(place, line=last.line, last=hash_of(last))
                    ended = place = _with(place, calls.make(whole), rejected)
                    self._write(place)
                if cut := chunk[len(whole) :]:
                    ended = _with(place, calls.make(cut), rejected)
                tell(ended)
            if has_place:
                self._write(replace(place, rejected_bytes=None))
        if is_new and not self.rejected.stat().st_size:
            self.rejected.unlink()
        return ended

    def _behind(self, place: Checkpoint | None) -> Iterator[Row]:
        """Yield the rows behind a place, once those at it are known to be of this file."""
        self.source.after = place.line if place is not None else 0
        rows = self.source.rows()
        if place is None:
            yield from rows
            return
        is_first = True
        for row in rows:
            if (
                (is_first and hash_of(row) != place.first)
                or (row.line == place.line and hash_of(row) != place.last)
                or row.line > place.line > 0
            ):
                raise self._other_file(f"is of another file: its line {row.line} differs")
            is_first = False
            if place.line == 0:
                yield row
            elif row.line == place.line:
                break
        else:
            if is_first or place.line:
                raise self._other_file(f"is of another file: this one ends before line {place.line}")
        yield from rows

    def _other_file(self, why: str) -> OtherFile:
        return OtherFile(f"{self.checkpoint} {why}: name another one with --checkpoint, or begin --anew")

    def _write(self, place: Checkpoint) -> None:
        if self.checkpoint is not None:
            place.write(self.checkpoint)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _ahead(chunks: Iterator[T]) -> Iterator[T]:
    """Yield chunks; while one is worked on, another thread makes the next one, so at most two are in memory."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = thread.submit(next, chunks, None)
            yield chunk


def _with(place: Checkpoint, done: Done, rejected: BinaryIO) -> Checkpoint:
    return replace(
        place,
        imported=place.imported + done.imported,
        repeated=place.repeated + done.repeated,
        rejected=place.rejected + len(done.rejected),
        rejected_bytes=_append(rejected, done.rejected),
    )


def _opened(file: Path, kept: int | None) -> BinaryIO:
    """Open the list of rejected rows behind those that a checkpoint knows of, or at its end if there is no checkpoint.

    A list that is shorter, or whose lines end elsewhere, was mended by hand, so nothing of it is cut off.
    """
    opened = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    size = opened.seek(0, os.SEEK_END)
    if kept is not None and size > kept and _ends_line(opened, kept):
        opened.truncate(kept)
    opened.seek(0, os.SEEK_END)
    return opened


def _ends_line(file: BinaryIO, at: int) -> bool:
    file.seek(max(0, at - 1))
    return at == 0 or file.read(1) == b"\n"


def _append(file: BinaryIO, rejected: list[Rejected]) -> int:
    file.writelines(json.dumps(asdict(each), ensure_ascii=True, default=str).encode() + b"\n" for each in rejected)
    file.flush()
    os.fsync(file.fileno())
    return file.tell()
