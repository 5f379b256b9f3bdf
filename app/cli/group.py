"""Report failures of commands as one line with exit code 1, not as a traceback."""

from typing import Any

import click

from app.config import BadSettings
from app.parquet import NoParquet
from graph.errors import IdentityGraphError


class Group(click.Group):
    """A group of commands that prints the service's own errors as one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IdentityGraphError as error:
            raise click.ClickException(error.message) from error
        except (BadSettings, NoParquet) as error:
            raise click.ClickException(str(error)) from error
