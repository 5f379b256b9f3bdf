"""The ingest lag is told by the nearest rank, so that each figure is one that an event had."""

import pytest

from graph.rules.lag import IngestLag


@pytest.mark.parametrize(
    ("lags", "p50", "p95"),
    [
        ([], None, None),
        ([7], 7, 7),
        ([2, 1], 1, 2),
        (range(1, 21), 10, 19),
        (range(100, 0, -1), 50, 95),
    ],
    ids=str,
)
def test_a_percentile_is_the_least_that_so_many_do_not_exceed(
    lags: list[int], p50: int | None, p95: int | None
) -> None:
    assert IngestLag.of(lags) == IngestLag(len(lags), p50, p95)
