"""Import a file, chunk by chunk, with a checkpoint after each."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from app.imports.calls import Calls, Rejected
from app.imports.checkpoint import Checkpoint, OtherFile, first_of
from app.imports.rows import Row, Source

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
            OtherFile: The checkpoint is of another tenant, or is none.
        """
        if self.checkpoint is None or self.anew:
            return None
        place = Checkpoint.read(self.checkpoint)
        if place is not None and place.tenant != self.tenant:
            raise OtherFile(
                f"{self.checkpoint} is of tenant {place.tenant}: name another one with --checkpoint, or begin --anew"
            )
        return place

    def run(self, calls: Calls, place: Checkpoint | None, tell: Callable[[Checkpoint], None]) -> Checkpoint:
        """Import what is behind a place; return how it ended. `tell` is called after each chunk.

        Raises:
            OtherFile: The checkpoint is of a file with another first row.
            GraphUnavailable: Neo4j does not answer. The next run goes on after the last chunk.
            GraphTimeout: A transaction took too long.
        """
        self.source.after = place.line if place is not None else 0
        rows = self.source.rows()
        first = next(rows, None)
        if first is None:
            return place or Checkpoint(self.tenant, "")
        if place is not None and place.first != first_of(first):
            raise OtherFile(
                f"{self.checkpoint} is of another file: name another one with --checkpoint, or begin --anew"
            )
        place = place or Checkpoint(self.tenant, first_of(first))
        with _opened(self.rejected, place.rejected_bytes) as rejected:
            for chunk in _chunks(row for row in chain([first], rows) if row.line > self.source.after):
                done = calls.make(chunk, self.shape)
                place = replace(
                    place,
                    line=chunk[-1].line,
                    imported=place.imported + done.imported,
                    repeated=place.repeated + done.repeated,
                    rejected=place.rejected + len(done.rejected),
                    rejected_bytes=_append(rejected, done.rejected),
                )
                if self.checkpoint is not None:
                    place.write(self.checkpoint)
                tell(place)
        if not place.rejected:
            self.rejected.unlink(missing_ok=True)
        return place


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _opened(file: Path, kept: int) -> BinaryIO:
    """Open the list of rejected rows behind those that a checkpoint knows of."""
    opened = os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    opened.truncate(kept)
    opened.seek(0, os.SEEK_END)
    return opened


def _append(file: BinaryIO, rejected: list[Rejected]) -> int:
    file.writelines(json.dumps(asdict(each), ensure_ascii=True, default=str).encode() + b"\n" for each in rejected)
    file.flush()
    os.fsync(file.fileno())
    return file.tell()
