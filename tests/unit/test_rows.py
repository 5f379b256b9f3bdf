"""Rows as CSV: no cell is a formula, and numbers stay numbers."""

import csv
import io

import pytest

from app.schemas.rows import as_csv


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x";"y")'])
def test_a_text_that_a_spreadsheet_would_run_is_only_a_text(name: str) -> None:
    [[_], [cell]] = list(csv.reader(io.StringIO(as_csv(["name"], [{"name": name}]), newline="")))
    assert cell == f"'{name}"


def test_numbers_and_other_texts_are_written_as_they_are() -> None:
    rows = [{"name": "a=b", "count": -3, "rate": -0.5, "seen": None, "ids": ["=1"]}]
    assert as_csv(["name", "count", "rate", "seen", "ids"], rows).splitlines()[1] == 'a=b,-3,-0.5,,"[""=1""]"'
