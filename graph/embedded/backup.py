"""Back up the data directory of an embedded server while it runs, and restore it; docs/decisions/0027 says why so.

A backup is a copy of the files as a crash would have left them: the stores, and after them the transaction logs. At its
next start Neo4j recovers from the logs, as after any crash. This holds only if no checkpoint wrote to the files meanwhile,
so a copy during which one did is thrown away and made again.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from graph.embedded.run import EmbeddedServer, lock
from graph.errors import EmbeddedError

#: The folders of Neo4j's data in the order of copying: what is in a store is in the logs already.
FOLDERS = ("dbms", "databases", "transactions")
DATA = Path("neo4j", "data")
MANIFEST = "manifest.json"
FORMAT = 1
#: A checkpoint comes every 15 minutes or 100,000 transactions, and a copy takes seconds.
TRIES = 20
BLOCK_BYTES = 1 << 20
#: A B+ tree of Neo4j has its state in its second and third page, which only a checkpoint writes.
PAGE_BYTES = 8192
STATE_BYTES = 2 * PAGE_BYTES
#: The trees beside those of ids and indexes.
TREES = frozenset({"neostore.counts.db", "neostore.indexstats.db", "neostore.relationshipgroupstore.degrees.db"})


def write(server: EmbeddedServer, file: Path, *, names: Iterable[str], progress: Callable[[str], None]) -> None:
    """Write a backup of a running server's data directory to a file of mode 0600, which must not exist.

    It holds every transaction that was committed before the call, the server's password, and of the data directory's
    own files those `names` that exist. It needs room for a second copy of the data beside the file.

    Raises:
        EmbeddedError: The file exists or cannot be written, or Neo4j made a checkpoint during each try.
    """
    if file.exists():
        raise EmbeddedError(f"{file} exists: name another file")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as room:
            files = _copy(server, Path(room), names, progress)
            _pack(Path(room), file, files, server.version, progress)
    except OSError as error:
        raise EmbeddedError(f"cannot write {file} ({error.strerror})") from error


def restore(file: Path, data_dir: Path, *, progress: Callable[[str], None]) -> str:
    """Restore a backup into a data directory without data, and return the version of Neo4j that wrote it.

    Every file is checked against its SHA-256 before the first gets its place.

    Raises:
        EmbeddedError: A server runs there, there are data, or the file is damaged or no backup.
    """
    data_dir = data_dir.absolute()
    held = lock(data_dir)
    try:
        with tempfile.TemporaryDirectory(dir=data_dir, prefix=".restore-") as room:
            manifest = _unpack(file, Path(room), progress)
            # Neo4j's home comes last: a start before it finds no data, and not half of them.
            tops = sorted({Path(name).parts[0] for name in manifest["files"]}, key=lambda top: (top == "neo4j", top))
            if there := [top for top in tops if (data_dir / top).exists()]:
                raise EmbeddedError(
                    f"{data_dir} has data already ({', '.join(there)}): move them away, or set DATA_DIR to another directory"
                )
            for top in tops:
                (Path(room) / top).rename(data_dir / top)
    finally:
        os.close(held)
    return str(manifest["version"])


def _copy(server: EmbeddedServer, room: Path, names: Iterable[str], progress: Callable[[str], None]) -> dict[str, str]:
    """Copy until no checkpoint came in between, and return the SHA-256 of each copied file."""
    source = server.data_dir
    own = ["neo4j-password", "neo4j/version", *names]
    for number in range(1, TRIES + 1):
        shutil.rmtree(room / "neo4j", ignore_errors=True)
        progress(f"copying {source}" + (f", again after a checkpoint ({number} of {TRIES})" if number > 1 else ""))
        before = _checkpoints(source / DATA)
        copied: dict[str, str] = {}
        try:
            for folder in FOLDERS:
                for path in sorted((source / DATA / folder).rglob("*")):
                    if path.is_file() and not path.name.endswith("_lock"):
                        copied[str(path.relative_to(source))] = _copy_file(path, room / path.relative_to(source))
            is_whole = before == _checkpoints(source / DATA) and all(
                _state(source / name) == _state(room / name) for name in copied if _is_tree(Path(name))
            )
        except FileNotFoundError:  # only a checkpoint, or a change of the schema, removes files
            continue
        if is_whole:
            beside = [path for path in (source / DATA).iterdir() if path.is_file()]
            for path in [*beside, *(source / name for name in own)]:
                if path.exists():
                    copied[str(path.relative_to(source))] = _copy_file(path, room / path.relative_to(source))
            return copied
    raise EmbeddedError(f"Neo4j made a checkpoint during each of {TRIES} tries: try again when fewer calls write")


def _copy_file(source: Path, target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(BLOCK_BYTES):
            digest.update(block)
            writing.write(block)
    return digest.hexdigest()


def _checkpoints(data: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of the logs of finished checkpoints, and of all that Neo4j's own database has.

    Nobody writes to that database but the first start, so its files must not change at all.
    """
    logs = [*data.glob("transactions/*/checkpoint.*"), *data.glob("*/system/*")]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in logs if path.is_file()}


def _is_tree(path: Path) -> bool:
    return path.suffix == ".id" or "schema" in path.parts or path.name in TREES


def _state(tree: Path) -> bytes:
    """Return the state pages of a tree. They tell of a checkpoint that has begun and is not in the log yet."""
    with tree.open("rb") as opened:
        opened.seek(PAGE_BYTES)
        return opened.read(STATE_BYTES)


def _pack(room: Path, file: Path, files: dict[str, str], version: str, progress: Callable[[str], None]) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    manifest = json.dumps({"format": FORMAT, "version": version, "files": files}, indent=2).encode()
    try:
        with (
            os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened,
            tarfile.open(fileobj=opened, mode="w:gz", compresslevel=1) as archive,
        ):
            about = tarfile.TarInfo(MANIFEST)
            about.size, about.mode = len(manifest), 0o600
            archive.addfile(about, io.BytesIO(manifest))
            for number, name in enumerate(files, start=1):
                archive.add(room / name, arcname=name)
                if number % 50 == 0 or number == len(files):
                    progress(f"packing: {number} of {len(files)} files")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        # A link replaces no file that another backup has made meanwhile.
        os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _unpack(file: Path, room: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            manifest: dict[str, Any] = json.loads(_read(archive, archive.next()))
            if manifest["format"] != FORMAT:
                raise EmbeddedError(f"{file} has format {manifest['format']}, which a newer version wrote")
            progress(f"unpacking {len(manifest['files'])} files")
            archive.extractall(room, filter="data")
        (room / MANIFEST).unlink()
        for name, digest in manifest["files"].items():
            with (room / name).open("rb") as opened:
                if hashlib.file_digest(opened, "sha256").hexdigest() != digest:
                    raise EmbeddedError(f"{file} is damaged: {name} has another SHA-256")
            (room / name).chmod(0o600)
    except FileNotFoundError as error:
        raise EmbeddedError(f"there is no {file}, or it lacks a file that it lists") from error
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise EmbeddedError(f"{file} is damaged or no backup ({type(error).__name__})") from error
    return manifest


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> bytes:
    opened = archive.extractfile(member) if member is not None and member.name == MANIFEST else None
    if opened is None:
        raise ValueError("it does not begin with its manifest")
    with contextlib.closing(opened):
        return opened.read()
