"""Write files that are there in whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give the name under which to write a file; it gets its own name at the end, and is removed if writing fails."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(mode=0o600)
        yield part
        part.replace(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
