"""The goals: a figure that was measured, and what it should be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What is measured, the figure (None if it cannot be), and the least or the most that it should be."""

    what: str
    figure: float | None
    bound: float
    is_least: bool = True
    unit: str = ""

    def row(self) -> tuple[str, str, str, str]:
        bound = f"{'≥' if self.is_least else '≤'} {self.bound:g}{self.unit}"
        if self.figure is None:
            return self.what, "not counted", bound, "?"
        is_met = self.figure >= self.bound if self.is_least else self.figure <= self.bound
        return self.what, f"{rounded(self.figure)}{self.unit}", bound, "yes" if is_met else "no"


def rounded(figure: float) -> str:
    """Write a figure with three digits: 0.0456, 4.56, 456."""
    return f"{figure:.0f}" if figure >= 100 else f"{figure:#.3g}".removesuffix(".")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that can be read in a terminal and pasted into a page."""
    lines = [list(head), ["---"] * len(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |" for line in lines
    )
