"""The notebook about journeys runs on exported tables, and its answers are those of a known history."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.config import CHECKOUT
from tests.world import IPHONE, Api, Clock, Done

CELLS = json.loads((CHECKOUT / "docs" / "notebooks" / "journey.ipynb").read_text(encoding="utf-8"))["cells"]


def test_the_notebook_is_kept_without_outputs() -> None:
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == len(code) * [([], None)]


def test_the_notebook_finds_the_first_touch_over_devices(
    api: Api, clock: Clock, command: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.time = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    laptop = api.init("laptop", page={"url": "https://shop.example/", "referrer": "https://search.example/"})
    api.track(laptop, "view")
    api.identify(laptop, "anna")
    clock.forward(days=1)
    phone = api.init("phone", agent=IPHONE, page={"referrer": "https://mail.example/"})
    api.identify(phone, "anna")
    clock.forward(minutes=1)
    api.track(phone, "buy")
    api.track(api.init("stranger"), "view")
    # Ben's first visit was direct, so the referrer of his second is not his first touch.
    api.identify(api.init("tablet"), "ben")
    clock.forward(days=1)
    api.track(api.init("tablet", page={"referrer": "https://mail.example/"}), "buy")
    for table in ("events", "sessions"):
        assert command("export", "shop", table, "--to", str(tmp_path / f"{table}.parquet")).code == 0

    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for cell in CELLS:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 - the notebook is our own
    assert names["devices"].fetchall() == [(1, 2), (2, 1)]
    assert names["first_touch"].fetchall() == [
        ("https://mail.example/", "https://search.example/", 1),
        ("none", "none", 1),
    ]
    [(_, user, took, steps, visits, browsers, surely), _] = names["ways"].fetchall()
    assert (user, took, steps, visits, browsers, surely) == ("anna", timedelta(days=1, minutes=1), 4, 2, 2, 1.0)
