"""Download Neo4j once per user: the jars of a lock file, each checked by its hash."""

import contextlib
import errno
import fcntl
import hashlib
import http.client
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from graph.errors import EmbeddedError

LOCKS = Path(__file__).parent / "locks"
THREADS = 16
TRIES = 4
TIMEOUT_SECONDS = 30.0
CHUNK_BYTES = 1 << 18
PROGRESS_SECONDS = 1.0
MEGABYTE = 1_000_000
#: HTTP statuses after which another try is useless.
FINAL_STATUSES = frozenset({401, 403, 404, 407, 410})

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Jar:
    """One line of a lock file: a jar of Neo4j or of its dependencies, the same on all platforms."""

    sha256: str
    size_bytes: int
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


def locked(version: str) -> list[Jar]:
    """Return the jars of a version of Neo4j; for an unknown version, raise `EmbeddedError` with the known ones."""
    file = LOCKS / f"{version}.lock"
    if not file.is_file():
        known = ", ".join(sorted(lock.stem for lock in LOCKS.glob("*.lock")))
        raise EmbeddedError(f"Neo4j {version} is not one that can be started here: set NEO4J_VERSION to one of {known}")
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return [Jar(sha256, int(size_bytes), path) for sha256, size_bytes, path in lines]


def fetch(jars: Sequence[Jar], directory: Path, repository_url: str | None, progress: Progress) -> None:
    """Put every jar into a directory, complete and checked, under its own name.

    Jars that are there already are checked and kept, so an interrupted fetch continues. If two processes fetch at once,
    one downloads and the other waits.

    Raises:
        EmbeddedError: A jar could not be fetched or stored. The message says what to do.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _one_at_a_time(directory / ".lock", progress), ThreadPoolExecutor(THREADS) as pool:
            right = pool.map(lambda jar: _is_right(directory / jar.name, jar), jars)
            missing = [jar for jar, is_right in zip(jars, right, strict=True) if not is_right]
            if missing:
                _download(pool, missing, directory, repository_url, progress)
    except OSError as error:
        raise _unwritable(error, directory) from error


@contextlib.contextmanager
def _one_at_a_time(file: Path, progress: Progress) -> Iterator[None]:
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is fetching Neo4j: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_right(file: Path, jar: Jar) -> bool:
    try:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


def _download(
    pool: ThreadPoolExecutor, jars: Sequence[Jar], directory: Path, repository_url: str | None, progress: Progress
) -> None:
    arrivals = _Arrivals(sum(jar.size_bytes for jar in jars), progress)
    progress(f"fetching Neo4j, this once: {len(jars)} files, {arrivals.total_bytes / MEGABYTE:.0f} MB")
    base = (repository_url or _public_repository()).rstrip("/")
    try:
        tasks = [pool.submit(_fetch_one, jar, f"{base}/{jar.path}", directory, arrivals) for jar in jars]
        for task in as_completed(tasks):
            task.result()
    finally:
        arrivals.stopped = True
        pool.shutdown(cancel_futures=True)


def _public_repository() -> str:
    # jgo keeps the address of Maven's public repository up to date, so none is written here.
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415 - only a download needs it

    return MAVEN_CENTRAL_URL


class _Arrivals:
    """Counts the bytes that have arrived, and reports progress once a second and at the end."""

    def __init__(self, total_bytes: int, progress: Progress) -> None:
        self.total_bytes = total_bytes
        self.stopped = False
        self._bytes = 0
        self._told_at = time.monotonic()
        self._progress = progress
        self._lock = threading.Lock()

    def add(self, size_bytes: int) -> None:
        """Count bytes that arrived; a negative number takes a failed download back."""
        with self._lock:
            self._bytes += size_bytes
            now, done = time.monotonic(), self._bytes == self.total_bytes
            if done or now - self._told_at >= PROGRESS_SECONDS:
                self._told_at = now
                self._progress(
                    f"fetching Neo4j: {self._bytes / MEGABYTE:.0f} of {self.total_bytes / MEGABYTE:.0f} MB, "
                    f"{100 * self._bytes // self.total_bytes} %"
                )


class _Wrong(Exception):  # noqa: N818 - it does not leave this file
    """A downloaded file does not have the locked hash."""


def _fetch_one(jar: Jar, url: str, directory: Path, arrivals: _Arrivals) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            _copy(jar, url, directory / f"{jar.name}.part", arrivals)
        except (_Wrong, urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            is_final = False
            if isinstance(error, urllib.error.HTTPError):
                error.close()
                is_final = error.code in FINAL_STATUSES
            if is_final or arrivals.stopped or attempt == TRIES:
                raise _failed(error, url) from error
            time.sleep(0.5 * attempt)
        else:
            (directory / f"{jar.name}.part").replace(directory / jar.name)
            return


def _copy(jar: Jar, url: str, draft: Path, arrivals: _Arrivals) -> None:
    digest, size_bytes = hashlib.sha256(), 0
    try:
        # By default urllib obeys HTTPS_PROXY, and ssl obeys SSL_CERT_FILE.
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, draft.open("wb") as file:  # noqa: S310
            while not arrivals.stopped and (chunk := answer.read(CHUNK_BYTES)):
                file.write(chunk)
                digest.update(chunk)
                size_bytes += len(chunk)
                arrivals.add(len(chunk))
        _compare(digest.hexdigest(), jar)
        draft.chmod(0o644)
    except BaseException:
        arrivals.add(-size_bytes)
        draft.unlink(missing_ok=True)
        raise


def _compare(sha256: str, jar: Jar) -> None:
    if sha256 != jar.sha256:
        raise _Wrong(f"its SHA-256 is {sha256} and {jar.sha256} was locked")


def _failed(error: Exception, url: str) -> EmbeddedError:
    if isinstance(error, _Wrong):
        return EmbeddedError(
            f"{url} is not the file that is expected ({error}): the repository is broken or something on the way changes "
            "what it serves. Set MAVEN_REPOSITORY_URL to another; what has arrived is kept"
        )
    return EmbeddedError(
        f"cannot fetch {url}: {error}. Set HTTPS_PROXY where the network has a proxy, SSL_CERT_FILE where that has a "
        "certificate of its own, MAVEN_REPOSITORY_URL for a mirror, or NEO4J_URI to use a Neo4j of yours; "
        "what has arrived is kept"
    )


def _unwritable(error: OSError, directory: Path) -> EmbeddedError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EmbeddedError(f"no room in {directory}: free some, or set CACHE_DIR; what has arrived is kept")
    return EmbeddedError(
        f"cannot keep Neo4j in {directory} ({error.strerror or error}): set CACHE_DIR to another place"
    )
