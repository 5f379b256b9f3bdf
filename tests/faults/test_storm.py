"""Mixed calls of 16 threads at the same visitors, users and addresses; `python -m bench.storm` does so for five minutes."""

import itertools
from typing import Any

from bench.storm import Storm
from tests.world import Api, Clock

CALLS = 400


def test_16_threads_of_mixed_calls_leave_a_graph_that_agrees_with_itself(api: Api, clock: Clock) -> None:
    def call(method: str, path: str, sent: dict[str, Any] | None, address: str | None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {api.keys.secret_key}"}
        if address is not None:
            headers = {"X-Write-Key": api.keys.write_key, "X-Forwarded-For": address}
        clock.forward(milliseconds=1)
        response = api.app.test_client().open(path, method=method, json=sent, headers=headers)
        return response.status_code, response.get_json(silent=True)

    storm, left = Storm(call), itertools.count()
    storm.blow(16, lambda: next(left) < CALLS)
    assert storm.failures == []
    assert storm.statuses.total() >= CALLS
    assert api.change("consistency", "check")["findings"] == []
