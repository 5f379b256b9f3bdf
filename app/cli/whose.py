"""Whom a command is about: `user:ID` or `visitor:ID`."""

from dataclasses import dataclass
from typing import Any, Literal

import click

from app.cli.terminal import Id


@dataclass(frozen=True)
class Subject:
    """A user or a visitor."""

    kind: Literal["user", "visitor"]
    id: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


class Whose(click.ParamType[Subject]):
    """A user or a visitor by its id, or only one of these kinds."""

    def __init__(self, kinds: tuple[Literal["user", "visitor"], ...] = ("user", "visitor")) -> None:
        self.kinds = kinds
        self.name = "|".join(f"{kind}:ID" for kind in kinds)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Subject:
        if isinstance(value, Subject):
            return value
        kind, colon, subject_id = str(value).partition(":")
        if kind not in self.kinds or not colon:
            forms = [f"{each}:ID" for each in self.kinds]
            self.fail(f"{value!r} is {'neither ' if len(forms) > 1 else 'not '}{' nor '.join(forms)}", param, ctx)
        return Subject(kind, Id().convert(subject_id, param, ctx))
