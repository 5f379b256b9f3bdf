"""Back up Neo4j's data directory while it runs, and restore it; docs/decisions/0027 says why so.

A backup is a copy of the files as a crash would have left them: the stores, and after them the transaction logs. At its
next start Neo4j recovers from the logs, as after any crash. This holds only if no checkpoint wrote to the files meanwhile,
so a copy during which one did is thrown away and made again.

The files in a backup are named as in the DATA_DIR of an embedded server, also those of a Neo4j of one's own.
"""

import fcntl
import gzip
import hashlib
import io
import json
import os
import pwd
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, Any

from graph.embedded.run import lock
from graph.errors import BackupError

#: Neo4j's data directory in a backup, and in the DATA_DIR of an embedded server.
DATA = PurePath("neo4j", "data")
#: The folders of Neo4j's data in the order of copying: what is in a store is in the logs already.
FOLDERS = ("dbms", "databases", "transactions")
#: What gets its place last when a backup is restored: a start before it finds no data, and not half of them.
LAST = frozenset({"neo4j", "databases"})
#: Each database has this file in the formats of the Community edition, whose trees are known here.
STORE = "neostore.nodestore.db"
MANIFEST = "manifest.json"
FORMAT = 1
#: A checkpoint comes every 15 minutes or 100,000 transactions, and a copy takes seconds.
TRIES = 20
BLOCK_BYTES = 1 << 20
ZEROS = bytes(BLOCK_BYTES)
#: A B+ tree of Neo4j has its state in its second and third page, which only a checkpoint writes.
PAGE_BYTES = 8192
STATE_BYTES = 2 * PAGE_BYTES
#: The trees beside those of ids and indexes.
TREES = frozenset({"neostore.counts.db", "neostore.indexstats.db", "neostore.relationshipgroupstore.degrees.db"})


@dataclass(frozen=True)
class Restored:
    """A restored backup: the version of Neo4j that wrote the data, if known, and the files that stay in the backup."""

    version: str | None
    left: list[str]


def write(
    data: Path, file: Path, *, version: str | None, own: Mapping[str, Path], progress: Callable[[str], None]
) -> None:
    """Write a backup of a data directory of Neo4j Community to a file of mode 0600, which must not exist.

    It holds every transaction that was committed before the call, and of the files `own`, by their names in the backup,
    those that exist. Neo4j may run or not; nothing is written to its directory. It needs room for a second copy of the
    data beside the file.

    Raises:
        BackupError: The file exists or cannot be written, the directory has no data or cannot be read, or Neo4j made a
            checkpoint during each try.
    """
    if file.exists():
        raise BackupError(f"{file} exists: name another file")
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as room:
            files = _copy(data, Path(room), progress)
            files |= {name: _copy_file(path, Path(room) / name) for name, path in own.items() if path.exists()}
            _pack(Path(room), file, files, version, progress)
    except OSError as error:
        raise BackupError(f"cannot write {file} ({error.strerror})") from error


def restore(file: Path, data_dir: Path, *, progress: Callable[[str], None]) -> Restored:
    """Restore a backup into the DATA_DIR of an embedded server, where there must be no data.

    Every file is checked against its SHA-256 before the first gets its place.

    Raises:
        EmbeddedError: A server runs there.
        BackupError: There are data, or the file is damaged or no backup.
    """
    held = lock(data_dir)
    try:
        restored = _restore(file, data_dir.absolute(), PurePath(), progress)
        kept = data_dir / "neo4j" / "version"
        if restored.version is not None and not kept.exists():
            # So that no other version of Neo4j is started on the data of a Neo4j of one's own.
            kept.touch(mode=0o600)
            kept.write_text(restored.version, encoding="utf-8")
        return restored
    finally:
        os.close(held)


def restore_data(file: Path, data: Path, *, progress: Callable[[str], None]) -> Restored:
    """Restore what a backup has of Neo4j's data directory into such a directory, where there must be no databases.

    Every file is checked against its SHA-256 before the first gets its place. As root, the files get the directory's owner.

    Raises:
        BackupError: There is no such directory, it belongs to another user, it has data, or the file is damaged or no
            backup.
    """
    data = data.absolute()
    try:
        may_write = os.geteuid() in {0, data.stat().st_uid}
    except PermissionError:
        may_write = False
    except OSError as error:
        raise BackupError(f"there is no directory {data}: make it, with the owner that Neo4j runs as") from error
    if not may_write:
        raise BackupError(f"cannot restore into {data}: run this {_as_whom(data)}")
    return _restore(file, data, DATA, progress)


def _copy(data: Path, room: Path, progress: Callable[[str], None]) -> dict[str, str]:
    """Copy until no checkpoint came in between, and return the SHA-256 of each file by its name in the backup."""
    target = room / DATA
    for number in range(1, TRIES + 1):
        shutil.rmtree(target, ignore_errors=True)
        progress(f"copying {data}" + (f", again after a checkpoint ({number} of {TRIES})" if number > 1 else ""))
        try:
            _check_whole(data)
            before = _checkpoints(data)
            copied: dict[PurePath, str] = {}
            for folder in FOLDERS:
                # A log that was begun while the stores were copied has what they have, so logs are listed after that.
                for name in _names(data, folder):
                    copied[name] = _copy_file(data / name, target / name)
            if before == _checkpoints(data) and all(
                _state(data / name) == _state(target / name) for name in copied if _is_tree(name)
            ):
                beside = [PurePath(path.name) for path in data.iterdir() if path.is_file()]
                copied |= {name: _copy_file(data / name, target / name) for name in beside}
                return {str(DATA / name): digest for name, digest in copied.items()}
        except FileNotFoundError:  # only a checkpoint, or a change of the schema, removes files
            continue
        except PermissionError as error:
            raise BackupError(f"cannot read {error.filename}: run this {_as_whom(data)}") from error
    raise BackupError(f"Neo4j made a checkpoint during each of {TRIES} tries: try again when fewer calls write")


def _names(data: Path, folder: str) -> list[PurePath]:
    """Return the files of a folder but for Neo4j's locks; raises `OSError` if a folder in it cannot be read."""

    def fail(error: OSError) -> None:
        raise error

    if not (data / folder).exists():
        return []
    return sorted(
        Path(parent, name).relative_to(data)
        for parent, _, names in os.walk(data / folder, onerror=fail, followlinks=True)
        for name in names
        if not name.endswith("_lock")
    )


def _check_whole(data: Path) -> None:
    stores = {name.parent.name for name in _names(data, "databases") if name.name == STORE}
    logs = {name.parent.name for name in _names(data, "transactions") if name.name.startswith("checkpoint.")}
    if not stores - {"system"}:
        raise BackupError(
            f"{data} has no database of Neo4j Community, such as databases/neo4j: name the directory that Neo4j's setting "
            "server.directories.data names"
        )
    if lacking := sorted(stores - logs):
        raise BackupError(
            f"{data} lacks transactions/{lacking[0]}: link the directory there that Neo4j's setting "
            "server.directories.transaction.logs.root names"
        )


def _copy_file(source: Path, target: Path) -> str:
    with source.open("rb") as reading:
        return _keep(reading, target)


def _keep(reading: IO[bytes], target: Path) -> str:
    """Write what can be read to a file, and return its SHA-256."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    # Whoever unpacks a single file of the backup gets it with this mode.
    target.touch(mode=0o600)
    with target.open("wb") as writing:
        while block := reading.read(BLOCK_BYTES):
            digest.update(block)
            # By default a log has 256 MB before anything is in it. A hole takes no room.
            if block == ZEROS[: len(block)]:
                writing.seek(len(block), os.SEEK_CUR)
            else:
                writing.write(block)
        writing.truncate()
    return digest.hexdigest()


def _checkpoints(data: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of the logs of finished checkpoints, and of all that Neo4j's own database has.

    Nobody writes to that database but the first start and whoever changes users, so its files must not change at all.
    """
    logs = [*data.glob("transactions/*/checkpoint.*"), *data.glob("*/system/*")]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in logs if path.is_file()}


def _is_tree(name: PurePath) -> bool:
    return name.suffix == ".id" or "schema" in name.parts or name.name in TREES


def _state(tree: Path) -> bytes:
    """Return the state pages of a tree. They tell of a checkpoint that has begun and is not in the log yet."""
    with tree.open("rb") as opened:
        opened.seek(PAGE_BYTES)
        return opened.read(STATE_BYTES)


def _as_whom(data: Path) -> str:
    try:
        owner = data.stat().st_uid
    except OSError:
        return "as the user that Neo4j runs as, or as root"
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    return f"as the user {name}, whom {data} belongs to, or as root"


def _pack(room: Path, file: Path, files: dict[str, str], version: str | None, progress: Callable[[str], None]) -> None:
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


def _restore(file: Path, target: Path, part: PurePath, progress: Callable[[str], None]) -> Restored:
    """Restore the files in the folder `part` of a backup, and leave the others in it."""
    try:
        with tempfile.TemporaryDirectory(dir=target, prefix=".restore-") as room:
            manifest = _unpack(file, Path(room), target, part, progress)
            source = Path(room) / part
            if os.geteuid() == 0:
                owner = target.stat()
                for path in source.rglob("*"):
                    os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
            for top in sorted(source.iterdir(), key=lambda top: (top.name in LAST, top.name)):
                top.rename(target / top.name)
    except OSError as error:
        raise BackupError(f"cannot write {target} ({error.strerror})") from error
    return Restored(
        manifest["version"], [name for name in manifest["files"] if not PurePath(name).is_relative_to(part)]
    )


def _unpack(file: Path, room: Path, target: Path, part: PurePath, progress: Callable[[str], None]) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:gz") as archive:
            with _opened(archive, MANIFEST) as opened:
                manifest: dict[str, Any] = json.load(opened)
            if manifest["format"] != FORMAT:
                raise BackupError(f"{file} has format {manifest['format']}, which a newer version wrote")
            _check_places(target, part, [PurePath(name) for name in manifest["files"]])
            progress(f"unpacking {len(manifest['files'])} files")
            # Not `extractall`: only a younger Python 3.11 than Debian 12 has can be told to trust no name.
            for name, digest in manifest["files"].items():
                with _opened(archive, name) as opened:
                    if _keep(opened, room / name) != digest:
                        raise BackupError(f"{file} is damaged: {name} has another SHA-256")
                (room / name).chmod(0o600)
    except FileNotFoundError as error:
        raise BackupError(f"there is no {file}") from error
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError, LookupError, TypeError) as error:
        raise BackupError(f"{file} is damaged or no backup ({type(error).__name__})") from error
    except OSError as error:
        raise BackupError(f"cannot unpack {file} ({error.strerror})") from error
    return manifest


def _check_places(target: Path, part: PurePath, names: list[PurePath]) -> None:
    if any(name.is_absolute() or ".." in name.parts for name in names):
        raise ValueError("a file would get a place elsewhere")
    tops = {name.relative_to(part).parts[0] for name in names if name.is_relative_to(part)}
    there = ", ".join(sorted(top for top in tops if (target / top).exists()))
    if there and _is_in_use(target):
        raise BackupError(f"a Neo4j runs on {target}: stop it, and move its data away ({there})")
    if there:
        raise BackupError(f"{target} has data already ({there}): move them away, or restore into another directory")


def _is_in_use(data: Path) -> bool:
    """Whether a Neo4j that runs holds the locks of a data directory.

    Java's are POSIX locks, which exclude a reader's for as long as the process lives, whatever container it is in.
    """
    for path in data.glob("databases/**/*_lock"):
        with path.open("rb") as opened:
            try:
                fcntl.lockf(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                return True
    return False


def _opened(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    """Open the next file of an archive, which must have that name."""
    member = archive.next()
    opened = archive.extractfile(member) if member is not None and member.name == name else None
    if opened is None:
        raise ValueError(f"{name} does not come next")
    return opened
