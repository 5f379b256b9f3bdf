"""A group of commands whose failures are one line and exit code 1, not a traceback."""

from typing import Any

import click

from app.config import BadSettings
from graph.errors import IdentityGraphError


class Group(click.Group):
    """Says what failed as the service's own errors word it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IdentityGraphError as error:
            raise click.ClickException(error.message) from error
        except BadSettings as error:
            raise click.ClickException(str(error)) from error
