"""Read and write Parquet, for which pyarrow has to be installed: it is large, so it is no part of the service."""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

INSTALL = "pip install --require-hashes -r requirements-parquet.txt"
#: How many rows are read, or written, at once.
PAGE = 1_000


class NoParquet(RuntimeError):  # noqa: N818 - it says what to install
    """There is no pyarrow."""


def require() -> None:
    """Raise `NoParquet`, which says what to install, if there is no pyarrow."""
    try:
        importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise NoParquet(f"Parquet needs pyarrow: {INSTALL}") from None


def count(path: Path) -> int:
    """Return how many rows a file has; raise as `read`."""
    file = _opened(path)
    try:
        return int(file.metadata.num_rows)
    finally:
        file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, page by page.

    Raises:
        NoParquet: There is no pyarrow.
        ValueError: The file is no Parquet, or is damaged.
        OSError: The file cannot be read.
    """
    file = _opened(path)
    import pyarrow as pa  # noqa: PLC0415 - it is not always installed

    try:
        for batch in file.iter_batches(batch_size=PAGE):
            yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        # Arrow says with an OSError, too, that a page cannot be unpacked.
        raise ValueError(f"{path} cannot be read as Parquet: {error}") from error
    finally:
        file.close()


def _opened(path: Path) -> Any:
    require()
    import pyarrow as pa  # noqa: PLC0415 - it is not always installed
    from pyarrow import parquet  # noqa: PLC0415

    try:
        return parquet.ParquetFile(path)
    except pa.ArrowException as error:
        raise ValueError(f"{path} is no Parquet: {error}") from None


def write(to: Path | BinaryIO, types: Mapping[str, str], pages: Iterable[Iterable[Mapping[str, Any]]]) -> None:
    """Write pages of rows, a page at a time.

    Args:
        to: The file.
        types: The type of each column, as headers of queries name it, such as `LIST<STRING>`. A type that Parquet lacks is
            text.
        pages: The rows, each with a value for each column.

    Raises:
        NoParquet: There is no pyarrow.
    """
    require()
    import pyarrow as pa  # noqa: PLC0415 - it is not always installed
    from pyarrow import parquet  # noqa: PLC0415

    kinds = {
        "INTEGER": pa.int64(),
        "FLOAT": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "ZONED DATETIME": pa.timestamp("us", tz="UTC"),
        "LIST<STRING>": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, kinds.get(kind, pa.string())) for name, kind in types.items()])
    with parquet.ParquetWriter(to if not isinstance(to, Path) else str(to), schema, compression="zstd") as writer:
        for page in pages:
            writer.write_batch(pa.RecordBatch.from_pylist(list(page), schema=schema))
