"""Remember how far an import is, so that it goes on there, also if it was killed."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from app.imports.rows import Row


class OtherFile(ValueError):  # noqa: N818 - it says what to do
    """A checkpoint belongs to another file, or is none."""


@dataclass(frozen=True)
class Checkpoint:
    """How far an import is.

    `line` is the last line that is done. `first` and `last` are hashes of the file's first row and of the row at `line`, by
    which another file is noticed. `rejected_bytes` is how long the list of rejected rows was then, and None once a run has ended.
    """

    tenant: str
    file_type: str
    shape: str | None
    first: str
    last: str = ""
    line: int = 0
    imported: int = 0
    repeated: int = 0
    rejected: int = 0
    rejected_bytes: int | None = 0

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return the checkpoint in a file; None if there is no such file.

        Raises:
            OtherFile: The file is no checkpoint.
        """
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise OtherFile(f"{file} is no checkpoint of an import: name another one with --checkpoint") from error

    def write(self, file: Path) -> None:
        """Write the checkpoint so that the file is the old one or the new one, whatever happens meanwhile."""
        new = file.with_name(f"{file.name}.new")
        with new.open("w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened)
            opened.write("\n")
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)


def hash_of(row: Row) -> str:
    """Return the hash of a row."""
    text = json.dumps([row.said, row.text], sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
