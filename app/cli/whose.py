"""Whom a command is about: `user:ID` or `visitor:ID`."""

from dataclasses import dataclass
from typing import Any, Literal, cast

import click

from app.cli.terminal import Id


@dataclass(frozen=True)
class Subject:
    """A user or a visitor."""

    kind: Literal["user", "visitor"]
    id: str


class Whose(click.ParamType[Subject]):
    """A user or a visitor by its id."""

    name = "user:ID|visitor:ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Subject:
        if isinstance(value, Subject):
            return value
        kind, colon, subject_id = str(value).partition(":")
        if kind not in {"user", "visitor"} or not colon:
            self.fail(f"{value!r} is neither user:ID nor visitor:ID", param, ctx)
        return Subject(cast("Literal['user', 'visitor']", kind), Id().convert(subject_id, param, ctx))
