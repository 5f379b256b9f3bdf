"""Draw calls a second, p99 and CPU against the number of clients, as an SVG that follows the reader's light or dark."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from bench.throughput.curve import Curve
from bench.throughput.door import Cpu

WIDTH, HEIGHT = 960, 310
LEFT, TOP, PANEL, TALL, APART = 48, 70, 256, 180, 66
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
.grid { stroke: #8c959f; stroke-opacity: .35 } .line { fill: none; stroke-width: 2 }
.a { stroke: #0969da; fill: #0969da } .b { stroke: #bc4c00; fill: #bc4c00 }
.line.a, .line.b { fill: none } rect.a, rect.b { stroke: none } .light { fill-opacity: .45 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .a { stroke: #58a6ff; fill: #58a6ff } .b { stroke: #f0883e; fill: #f0883e }
}
"""


@dataclass(frozen=True)
class Panel:
    """A third of the picture: a title, a scale and its lines."""

    left: float
    title: str
    ticks: Sequence[float]
    height: Callable[[float], float]

    def y(self, figure: float) -> float:
        return TOP + TALL * (1 - self.height(figure))

    def x(self, place: float, places: int) -> float:
        return self.left + PANEL * (place + 0.5) / places

    def frame(self, clients: Sequence[int]) -> Iterator[str]:
        yield text(self.left, TOP - 52, self.title, "title")
        for tick in self.ticks:
            y = self.y(tick)
            yield f'<line class="grid" x1="{self.left}" x2="{self.left + PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield text(self.left - 6, y + 4, f"{tick:g}", "end")
        for place, number in enumerate(clients):
            yield text(self.x(place, len(clients)), TOP + TALL + 18, f"{number}", "middle")
        yield text(self.left + PANEL / 2, TOP + TALL + 38, "clients", "middle")

    def line(self, figures: Sequence[float], colour: str) -> Iterator[str]:
        points = [(self.x(place, len(figures)), self.y(figure)) for place, figure in enumerate(figures)]
        yield f'<polyline class="line {colour}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'
        yield from (f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)


def draw(curve: Curve, file: Path) -> None:
    """Draw two calls: the first in blue, the second in orange."""
    file.write_text(svg(curve), encoding="utf-8")


def svg(curve: Curve) -> str:
    """Return the picture's text."""
    clients = list(next(iter(curve.values())))
    colours = dict(zip(curve, "ab", strict=True))
    rates = {name: [each.load.rate for each in found.values()] for name, found in curve.items()}
    waits = {name: [each.load.percentile(0.99) for each in found.values()] for name, found in curve.items()}
    used = {name: [each.cpu for each in found.values()] for name, found in curve.items()}
    both = [[cpu.python + cpu.neo4j for cpu in each] for each in used.values()]
    panels = [
        _linear(0, "calls a second", _largest(rates.values())),
        _logarithmic(1, "p99, milliseconds", [one for each in waits.values() for one in each]),
        _linear(2, "CPU a call, milliseconds", _largest(both)),
    ]
    parts = [line for panel in panels for line in panel.frame(clients)]
    for name, colour in colours.items():
        for panel, figures in zip(panels, (rates, waits), strict=False):
            parts += panel.line(figures[name], colour)
            parts += _legend(panel, name, colour, 90 * "ab".index(colour))
        parts += _bars(panels[2], used[name], colour)
        for number, (what, shade) in enumerate((("Python", ""), ("Neo4j", " light"))):
            parts += _legend(panels[2], f"{name} {what}", f"{colour}{shade}", 130 * number, 14 * "ab".index(colour))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _linear(number: int, title: str, largest: float) -> Panel:
    step = 10 ** math.floor(math.log10(largest))
    step = next(part * step for part in (0.2, 0.5, 1, 2) if largest / (part * step) <= 6)
    top = step * math.ceil(largest / step)
    ticks = [step * count for count in range(round(top / step) + 1)]
    return Panel(LEFT + number * (PANEL + APART), title, ticks, lambda figure: figure / top)


def _logarithmic(number: int, title: str, figures: Sequence[float]) -> Panel:
    low, high = math.floor(math.log10(min(figures))), math.ceil(math.log10(max(figures)))
    ticks = [float(10**power) for power in range(low, high + 1)]
    return Panel(
        LEFT + number * (PANEL + APART), title, ticks, lambda figure: (math.log10(figure) - low) / max(1, high - low)
    )


def _bars(panel: Panel, used: Sequence[Cpu], colour: str) -> Iterator[str]:
    """Draw Python's CPU, and Neo4j's above it; the bars of two calls stand side by side."""
    width = PANEL / len(used) * 0.32
    for place, cpu in enumerate(used):
        x = panel.x(place, len(used)) + width * ("ab".index(colour) - 1)
        for below, part, shade in ((0.0, cpu.python, ""), (cpu.python, cpu.neo4j, " light")):
            top, bottom = panel.y(below + part), panel.y(below)
            yield (
                f'<rect class="{colour}{shade}" x="{x:.1f}" y="{top:.1f}" '
                f'width="{width - 1:.1f}" height="{bottom - top:.1f}"/>'
            )


def _legend(panel: Panel, what: str, look: str, right: float, down: float = 0) -> Iterator[str]:
    x, y = panel.left + right, TOP - 42 + down
    yield f'<rect class="{look}" x="{x}" y="{y}" width="9" height="9"/>'
    yield text(x + 14, y + 9, what, "")


def text(x: float, y: float, words: str, look: str) -> str:
    """Return a piece of text at a place."""
    return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _largest(lists: Iterable[Sequence[float]]) -> float:
    return max(one for each in lists for one in each)
