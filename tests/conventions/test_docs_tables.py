"""The page about tables describes each of their columns, in order, and no other."""

import re

import pytest

from app.config import CHECKOUT
from graph.acts.tables import TABLES

PAGE = (CHECKOUT / "docs" / "data.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(TABLES))
def test_each_column_of_a_table_is_described(name: str) -> None:
    [section] = re.findall(rf"^### {name}\n(.*?)^##", PAGE, re.MULTILINE | re.DOTALL)
    described = [
        column
        for first in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
        for column in re.findall(r"`(\w+)`", first)
    ]
    assert described == list(TABLES[name].types)
