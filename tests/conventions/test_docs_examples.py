"""The JSON in docs/api.md fits the schemas: answers have all required fields, and nothing has an unknown field."""

import contextlib
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields

from app import schemas
from app.config import CHECKOUT
from app.openapi import ProblemSchema
from app.schemas.identify import UserPropertiesSchema
from graph.acts.consistency import LOOKS

PAGE = (CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
#: Number of examples that are shortened by words, and so are not JSON.
SHORTENED = 2


def _whole() -> Iterator[Any]:
    for text in EXAMPLES:
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(text)


def _fits(example: Any, schema: Schema, *, required: bool) -> bool:
    """Whether all fields at all levels are in the schema; if `required`, whether all required fields are there."""
    if isinstance(schema, UserPropertiesSchema):
        return "userId" in example
    known = {field.data_key or name: field for name, field in schema.fields.items()}
    wanted = {name for name, field in known.items() if field.required} if required else set()
    return wanted <= example.keys() <= known.keys() and all(
        _fits(item, nested, required=required)
        for name, value in example.items()
        if (nested := _schema_of(known[name])) is not None
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    )


def _schema_of(field: fields.Field[Any]) -> Schema | None:
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None


@pytest.fixture(scope="module")
def known() -> list[tuple[bool, Schema]]:
    modules = [
        importlib.import_module(module.name) for module in pkgutil.iter_modules(schemas.__path__, "app.schemas.")
    ]
    named = {name: value for module in modules for name, value in vars(module).items()}
    return [
        (name.endswith("Response"), value())
        for name, value in {**named, "ProblemResponse": ProblemSchema}.items()
        if name.endswith(("Response", "Request"))
    ]


def test_every_example_is_an_answer_or_a_request(known: list[tuple[bool, Schema]]) -> None:
    wrong = [
        sorted(example)
        for example in _whole()
        # The items of a batch are in no schema of the batch.
        if not isinstance(example.get("events"), list)
        if not any(_fits(example, schema, required=answered) for answered, schema in known)
    ]
    assert wrong == []
    assert len(EXAMPLES) - len(list(_whole())) == SHORTENED


def test_the_example_of_a_check_lists_all_that_is_checked() -> None:
    [example] = [example for example in _whole() if "checked" in example]
    assert list(example["checked"]) == list(LOOKS)
