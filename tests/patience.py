"""How long tests wait: for what is to happen, and for what must not be over before it is ended."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: A machine that is busy with something else takes many times as long. Only a test that fails waits for all of it.
PATIENCE_SECONDS = 300.0
PATIENCE_MS = 1000 * PATIENCE_SECONDS
#: What a test wants to see ended goes on by itself for longer than its end is waited for.
FOREVER_SECONDS = 2 * PATIENCE_SECONDS


def rest() -> None:
    time.sleep(0.02)


def wait_until(
    happened: Callable[[], T | None],
    why: str | Callable[[], str],
    *,
    pause: Callable[[], object] = rest,
) -> T:
    """Wait until something has happened, and give what tells so; fails with what was waited for."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (told := happened()):
        assert time.monotonic() < deadline, why if isinstance(why, str) else why()
        pause()
    return told
