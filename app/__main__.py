"""`python -m app COMMAND`: run a command of app/cli; each is named like its module.

A name that Python keeps for itself ends in an underscore there: `import` is in app/cli/import_.py.
"""

import importlib
import keyword
import pkgutil

import click

from app import cli
from app.cli.group import Group


class Verbs(Group):
    """The commands of app/cli. To run one imports only its module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = sorted(module.name.removesuffix("_") for module in pkgutil.iter_modules(cli.__path__))
        return [name for name in names if self.get_command(ctx, name) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        name = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        if name not in {module.name for module in pkgutil.iter_modules(cli.__path__)}:
            return None
        command = getattr(importlib.import_module(f"app.cli.{name}"), name, None)
        return command if isinstance(command, click.Command) else None


@click.group(cls=Verbs)
def main() -> None:
    """Whograph: who is this, how sure are we, and why."""


if __name__ == "__main__":
    main(prog_name="python -m app")
