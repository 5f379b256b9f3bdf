"""`python -m app restore FILE`: restore a backup into a DATA_DIR without data."""

import os
from pathlib import Path

import click

from app.config import Settings
from graph import embedded


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Restore FILE, which `backup` wrote, into DATA_DIR, where there must be no data and no running Neo4j."""
    settings = Settings.from_environment(os.environ)
    version = embedded.backup.restore(file, settings.data_dir, progress=lambda line: click.echo(line, err=True))
    click.echo(f"restored into {settings.data_dir}; start it with `make run`, where NEO4J_VERSION is {version}")
