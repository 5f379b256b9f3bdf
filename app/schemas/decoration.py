"""Load what was sent so that no decoration costs a call.

Each schema names its decoration: the fields that are not needed to know who it is. What is wrong with them is dropped or
cut, with a note for a warning. An optional field that is null or blank counts as absent, without a note. Half a
surrogate pair becomes U+FFFD in all text but ids. Everything else that the schema refuses is refused.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, validate

from app.half_pairs import has_half, whole
from app.json_body import is_blank
from app.schemas.batch import BatchRequest
from app.schemas.wire import CallSchema, Identifier, Item, WireSchema

#: The key of the notes in what `load` returns.
NOTES = "mended"
#: Each becomes a warning in the graph, and a page chooses how many there are.
NOTES_MAX = 20
#: What marshmallow says of a value as a whole, such as a list where an object is expected.
_WHOLE = "_schema"


@dataclass(frozen=True)
class Mended:
    """A field that was dropped, cut or replaced; `path` is its place in the call, such as `page.title`."""

    code: str
    path: str
    why: str


def load(schema: Schema, sent: Mapping[str, Any], *, has_halves: bool) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Load a call; return its fields, and what was sent with its text made whole.

    The fields of a call of a page or server have the key `NOTES`, a tuple of `Mended`.

    Args:
        schema: What the call must be.
        sent: The call as JSON says it.
        has_halves: Whether the JSON has half a surrogate pair anywhere.

    Raises:
        ValidationError: What is wrong is no decoration.
    """
    notes: list[Mended] = []
    if has_halves:
        sent = _whole_fields(schema, sent, "", notes)
    try:
        loaded = dict(schema.load(sent, unknown=EXCLUDE))
    except ValidationError as error:
        needed = _without(schema, sent, error.messages_dict, "", notes, is_nothing=_nothing(schema))
        loaded = dict(schema.load(needed, unknown=EXCLUDE))
    if isinstance(schema, CallSchema):
        loaded[NOTES] = tuple(notes[:NOTES_MAX])
        if has_halves:
            # What was dropped may have halves still, and what was sent is hashed.
            sent = whole(sent)
    return loaded, sent


def _whole_fields(schema: Schema, sent: Mapping[str, Any], path: str, notes: list[Mended]) -> dict[str, Any]:
    """Make all text whole but that of ids, which are refused, and that of a batch's items, which are loaded later."""
    by_key = _fields(schema)
    made: dict[str, Any] = {}
    for name, value in sent.items():
        field = by_key.get(name)
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, Identifier | Item) or (field is None and schema.unknown != INCLUDE):
            made[name] = value
        elif isinstance(field, fields.Nested) and isinstance(value, dict):
            made[name] = _whole_fields(field.schema, value, f"{path}{name}.", notes)
        elif has_half(value) or has_half(name):
            made[whole(name)] = whole(value)
            notes.append(Mended("text_replaced", f"{path}{whole(name)}", "half of a character pair became U+FFFD"))
        else:
            made[name] = value
    return made


def _without(
    schema: Schema,
    sent: Mapping[str, Any],
    problems: Mapping[str, Any],
    path: str,
    notes: list[Mended],
    *,
    is_nothing: Callable[[Any], bool],
) -> dict[str, Any]:
    """Return what was sent without what the schema refuses, as far as nobody needs it."""
    made = dict(sent)
    by_key = _fields(schema)
    for name, problem in problems.items():
        field = by_key.get(name)
        if field is None:
            continue
        value = made.get(name)
        if isinstance(field, fields.Nested) and isinstance(value, dict) and _WHOLE not in problem:
            made[name] = _without(field.schema, value, problem, f"{path}{name}.", notes, is_nothing=is_nothing)
            lacking = getattr(field.schema, "nothing_without", None)
            if lacking is not None and lacking in problem and is_nothing(value.get(lacking)):
                made[name] = None
                notes.append(Mended("field_dropped", f"{path}{name}", f"it has no {lacking}"))
        elif is_nothing(value) and not field.required:
            made.pop(name, None)
        elif is_nothing(value) and field.allow_none and name in made:
            made[name] = None
        elif name in _decoration(schema):
            made.pop(name, None)
            characters_max = _characters_max(field)
            if isinstance(value, str) and len(value) > characters_max:
                made[name] = value[: int(characters_max)]
                notes.append(Mended("text_cut", f"{path}{name}", f"it has more than {characters_max} characters"))
            else:
                notes.append(Mended("field_dropped", f"{path}{name}", _said(problem)))
    return made


def _nothing(schema: Schema) -> Callable[[Any], bool]:
    """Return what says whether a value is absent. A blank of a change is refused: it might stand for what was meant."""
    return is_blank if isinstance(schema, CallSchema | BatchRequest) else _is_null


def _is_null(value: Any) -> bool:
    return value is None


def _fields(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


def _decoration(schema: Schema) -> frozenset[str]:
    return schema.decoration if isinstance(schema, WireSchema) else frozenset()


def _characters_max(field: fields.Field[Any]) -> float:
    """Return how long a text may be; infinity if the field has no limit."""
    limits = (check.max for check in field.validators if isinstance(check, validate.Length))
    return min((limit for limit in limits if limit is not None), default=math.inf)


def _said(problem: Any) -> str:
    """Return the first thing that is said about a field."""
    while isinstance(problem, Mapping):
        problem = next(iter(problem.values()), "")
    return str(problem[0]) if isinstance(problem, list) and problem else str(problem)
