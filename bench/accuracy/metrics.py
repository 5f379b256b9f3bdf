"""What is measured of ids that were given to browsers: each link is a visit's true browser and the id that it was given."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Linking:
    """How right the ids are.

    `precision` and `recall` are of pairs of visits with one id. `ownership` is the mean part, 0–1, that an id's most
    frequent browser has in the id's visits. `ids` is the mean number of ids a browser.
    """

    browsers: int
    visits: int
    ids: float
    ownership: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @classmethod
    def of(cls, links: Iterable[tuple[str, str]]) -> "Linking":
        """Measure links, each a browser and the id that one of its visits was given."""
        joint = Counter(links)
        by_browser, by_id = Counter[str](), Counter[str]()
        ids_of, most_of = defaultdict[str, set[str]](set), defaultdict[str, int](int)
        for (browser, given), count in joint.items():
            by_browser[browser] += count
            by_id[given] += count
            ids_of[browser].add(given)
            most_of[given] = max(most_of[given], count)
        right = _pairs(joint.values())
        said, true = _pairs(by_id.values()), _pairs(by_browser.values())
        return cls(
            browsers=len(by_browser),
            visits=by_browser.total(),
            ids=sum(map(len, ids_of.values())) / len(ids_of),
            ownership=sum(most_of[given] / count for given, count in by_id.items()) / len(by_id),
            precision=right / said if said else 1.0,
            recall=right / true if true else 1.0,
        )


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)
