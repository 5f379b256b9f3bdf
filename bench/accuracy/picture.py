"""Draw how honest confidences are, as an SVG that follows the reader's light or dark."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy import honesty
from bench.accuracy.honesty import Part
from bench.accuracy.summary import SERVICE, Summary
from bench.throughput.picture import STYLE, text

WIDTH, HEIGHT = 960, 700
LEFT, TOP, WIDE, TALL, APART_X, APART_Y = 56, 70, 380, 220, 88, 120
TENTHS = tuple(tenth / 10 for tenth in range(0, 11, 2))
Point = tuple[float, float]


@dataclass(frozen=True)
class Panel:
    """A quarter of the picture: a title, and two scales with their ticks; `across` and `height` give places, 0–1."""

    column: int
    line: int
    title: str
    below: str
    across_ticks: Mapping[float, str]
    height_ticks: Mapping[float, str]

    @property
    def left(self) -> float:
        return LEFT + self.column * (WIDE + APART_X)

    @property
    def top(self) -> float:
        return TOP + self.line * (TALL + APART_Y)

    def x(self, place: float) -> float:
        return self.left + WIDE * place

    def y(self, place: float) -> float:
        return self.top + TALL * (1 - place)

    def frame(self) -> Iterator[str]:
        yield text(self.left, self.top - 44, self.title, "title")
        for place, tick in self.height_ticks.items():
            y = self.y(place)
            yield f'<line class="grid" x1="{self.left}" x2="{self.left + WIDE}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield text(self.left - 6, y + 4, tick, "end")
        for place, tick in self.across_ticks.items():
            yield text(self.x(place), self.top + TALL + 18, tick, "middle")
        yield text(self.left + WIDE / 2, self.top + TALL + 36, self.below, "middle")

    def path(self, points: Sequence[Point], look: str) -> Iterator[str]:
        places = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        yield f'<polyline class="line {look}" points="{places}"/>'

    def dots(self, points: Sequence[Point], look: str) -> Iterator[str]:
        yield from (f'<circle class="{look}" cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="3.5"/>' for x, y in points)

    def spans(self, spans: Sequence[tuple[float, float, float]], look: str) -> Iterator[str]:
        for x, low, high in spans:
            yield f'<line class="{look}" x1="{self.x(x):.1f}" x2="{self.x(x):.1f}" y1="{self.y(low):.1f}" y2="{self.y(high):.1f}"/>'

    def legend(self, names: Mapping[str, str]) -> Iterator[str]:
        for number, (name, look) in enumerate(names.items()):
            x, y = self.left + number * 170, self.top - 30
            yield f'<rect class="{look}" x="{x}" y="{y}" width="9" height="9"/>'
            yield text(x + 14, y + 9, name, "")


def draw(found: Summary, drifted: Sequence[tuple[float, bool]], file: Path) -> None:
    """Draw four panels; `drifted` is what was said of browsers that change, of another replay."""
    file.write_text(svg(found, drifted), encoding="utf-8")


def svg(found: Summary, drifted: Sequence[tuple[float, bool]]) -> str:
    """Return the picture's text."""
    parts = [*_reliability(found, drifted), *_thresholds(found), *_crowds(found), *_ids(found)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _reliability(found: Summary, drifted: Sequence[tuple[float, bool]]) -> Iterator[str]:
    panel = Panel(0, 0, "right, by the confidence that was said", "confidence", _ticks(), _ticks())
    yield from panel.frame()
    yield from panel.path(((0.0, 0.0), (1.0, 1.0)), "grid")
    for diagram, look in ((found.diagram, "a"), (honesty.diagram(drifted), "b")):
        yield from panel.spans([(part.confidence, *part.interval) for part in diagram.values()], look)
        yield from panel.dots([(part.confidence, part.precision) for part in diagram.values()], look)
    yield from panel.legend({"the population": "a"} | ({"browsers that change": "b"} if drifted else {}))


def _thresholds(found: Summary) -> Iterator[str]:
    panel = Panel(1, 0, "a user is named: precision and recall", "minConfidence", _ticks(), _ticks())
    yield from panel.frame()
    yield from panel.path(((0.0, 0.0), (1.0, 1.0)), "grid")
    precision: dict[float, Part] = {bound: honesty.at_least(found.statements, bound) for bound in found.recall}
    yield from panel.path([(bound, part.precision) for bound, part in precision.items() if part.of], "a")
    yield from panel.path(list(found.recall.items()), "b")
    yield from panel.legend({"precision": "a", "recall": "b"})


def _crowds(found: Summary) -> Iterator[str]:
    """Draw how many of the pairs of an office's users are one identity, by the office's size."""
    sizes = {int(name.split()[-1]): name for name in found.merged[SERVICE] if re.fullmatch(r"office of \d+", name)}
    in_order = sorted(sizes)
    place: Callable[[int], float] = lambda number: (number + 0.5) / len(in_order)  # noqa: E731
    ticks = {place(number): f"{size}" for number, size in enumerate(in_order)}
    most = max(1, *(merged[name] for merged in found.merged.values() for name in sizes.values()))
    height = _powers(most)
    panel = Panel(0, 1, "pairs of users of an office made one", "identical laptops", ticks, height)
    yield from panel.frame()
    for name, look in ((SERVICE, "a"), ("seeds: fingerprint", "b")):
        merged = [found.merged[name][sizes[size]] for size in in_order]
        points = [(place(number), _power(count, most)) for number, count in enumerate(merged)]
        yield from panel.path(points, look)
        yield from panel.dots(points, look)
    yield from panel.legend({SERVICE: "a", "seeds: fingerprint": "b"})


def _ids(found: Summary) -> Iterator[str]:
    names = {SERVICE: "a", "seeds: fingerprint": "b"}
    most = max(1.5, *(max(found.ids[name].values()) for name in names))
    days = max(found.ids[SERVICE])
    ticks = {day / days: f"{day}" for day in range(0, days + 1, 7)}
    heights = {(count / 10 - 1) / (most - 1): f"{count / 10:g}" for count in range(10, int(most * 10) + 1)}
    panel = Panel(1, 1, "ids that a browser was given by then", "days", ticks, heights)
    yield from panel.frame()
    for name, look in names.items():
        yield from panel.path([(day / days, (ids - 1) / (most - 1)) for day, ids in found.ids[name].items()], look)
    yield from panel.legend(names)


def _ticks() -> dict[float, str]:
    return {tenth: f"{tenth:g}" for tenth in TENTHS}


def _powers(most: int) -> dict[float, str]:
    """Return the ticks of a scale that begins with 0 and goes on with powers of ten."""
    return {0.0: "0"} | {_power(10**power, most): f"{10**power}" for power in range(len(str(most)) + 1)}


def _power(count: int, most: int) -> float:
    return (1 + math.log10(count)) / (len(str(most)) + 1) if count else 0.0
