"""`python -m app restore FILE`: restore a backup into a DATA_DIR, or a data directory of Neo4j, without data."""

import os
from pathlib import Path

import click

from app.cli.backup import check_named, neo4j_data_option, say
from app.config import Settings
from graph import backups


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@neo4j_data_option
def restore(file: Path, neo4j_data: Path | None) -> None:
    """Restore FILE, which `backup` wrote, into DATA_DIR, where there must be no data and no running Neo4j.

    With --neo4j-data only Neo4j's data are restored, into that directory.
    """
    settings = Settings.from_environment(os.environ)
    check_named(settings, neo4j_data)
    if neo4j_data is not None:
        restored = backups.restore_data(file, neo4j_data, progress=say)
        version = f" {restored.version} or a later one" if restored.version else ""
        click.echo(f"restored into {neo4j_data}; start its Neo4j{version}, with the users and passwords of the backup")
        if restored.left:
            click.echo(f"not restored: {', '.join(restored.left)}; `tar -xzf {file} NAME` unpacks one")
        return
    restored = backups.restore(file, settings.data_dir, progress=say)
    version = f", where NEO4J_VERSION is {restored.version}" if restored.version else ""
    click.echo(f"restored into {settings.data_dir}; start it with `make run`{version}")
    password = settings.data_dir / "neo4j-password"
    if not password.exists():
        click.echo(f"before that, write the password of the user neo4j in the backup to {password}")
