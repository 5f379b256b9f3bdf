"""Whatever a caller sends, with whichever key: no answer is a failure of the service, and each is as documented.

The short form makes one round of calls, the same in every run. The long form is
`FUZZ_CALLS=10000 FUZZ_SEED=1 .venv/bin/python -m pytest -s tests/faults/test_fuzz.py`, which tells how far it is.
"""

import os
import time
from dataclasses import replace

import pytest
from flask import Flask

from app.config import Settings
from tests.faults.fuzzing import Fuzz
from tests.world import Api, Clock

CALLS = int(os.environ.get("FUZZ_CALLS", "700"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))
EXAMPLES = 12
UNLIMITED = "1000000/second"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings,
        rate_limit_per_address=UNLIMITED,
        rate_limit_per_key=UNLIMITED,
        rate_limit_bytes_per_address=UNLIMITED,
        rate_limit_bytes_per_key=UNLIMITED,
    )


def test_no_input_makes_the_service_fail_and_every_answer_is_as_documented(
    app: Flask, api: Api, other_api: Api, clock: Clock
) -> None:
    keys = {
        "none": {},
        "wrong": {"Authorization": "Bearer sk_nobody", "X-Write-Key": "wk_nobody"},
        "write": {"X-Write-Key": api.keys.write_key},
        "secret": {"Authorization": f"Bearer {api.keys.secret_key}"},
        "write of another tenant": {"X-Write-Key": other_api.keys.write_key},
        "secret of another tenant": {"Authorization": f"Bearer {other_api.keys.secret_key}"},
    }
    fuzz = Fuzz(app, keys, clock, SEED)
    began, shown = time.monotonic(), 0
    while fuzz.statuses.total() < CALLS:
        fuzz.round(EXAMPLES)
        seconds = time.monotonic() - began
        print(f"{fuzz.statuses.total()} calls in {seconds:.0f} s: {sorted(fuzz.statuses.items())}", flush=True)  # noqa: T201
        for wrong in fuzz.wrong[shown:]:
            print(wrong, flush=True)  # noqa: T201
        shown = len(fuzz.wrong)
    assert not fuzz.wrong, "\n".join(map(str, fuzz.wrong))
    for used in (api, other_api):
        assert used.change("consistency", "check")["findings"] == []
