"""Whom a command is about: `user:ID` or `visitor:ID`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import click

from app.cli.terminal import Id, Terminal
from graph.errors import NotFound
from graph.rules.placeholders import is_placeholder


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


@contextmanager
def named(terminal: Terminal, whose: Subject) -> Iterator[Subject]:
    """Name somebody as the tenant's policy keeps ids, and say of a user who is not found if the id is a placeholder."""
    if whose.kind == "visitor":
        yield whose
        return
    subject = Subject("user", terminal.user(whose.id))
    try:
        yield subject
    except NotFound:
        if is_placeholder(subject.id, terminal.policy.placeholder_user_ids):
            why = "this id names nobody in particular. What came with it is of the visitors that sent it: name one of these"
            raise click.BadParameter(why, param_hint="user:ID") from None
        raise
