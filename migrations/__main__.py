"""`python -m migrations migrate|status|validate`."""

import click

import migrations
from app.cli.connection import connect
from app.cli.group import Group


@click.group(cls=Group)
def main() -> None:
    """Bring the schema of the graph up to date."""


@main.command()
def migrate() -> None:
    """Apply the pending migrations."""
    with connect() as database:
        applied = migrations.migrate(database)
    for migration in applied:
        click.echo(f"applied V{migration.version:04d} {migration.title}")
    click.echo(f"{len(applied)} applied, the schema is up to date")


@main.command()
def status() -> None:
    """List the migrations, applied and pending."""
    with connect() as database:
        for entry in migrations.status(database):
            when = f"applied {entry.applied_at:%Y-%m-%d %H:%M:%S} UTC" if entry.applied_at else "pending"
            click.echo(f"V{entry.migration.version:04d} {entry.migration.title}: {when}")


@main.command()
def validate() -> None:
    """Check that no applied migration was edited and that every constraint and index is online."""
    with connect() as database:
        migrations.check_schema(database)
    click.echo("history and schema are as the files say")


main(prog_name="python -m migrations")
