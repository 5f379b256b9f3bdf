"""The acts whose calls share transactions."""

from dataclasses import dataclass
from typing import Self

from graph.acts import identify, init, track
from graph.groups import Groups


@dataclass(frozen=True)
class Grouped:
    """The groups of each act that runs a list of commands; `collect` shares those of `init`."""

    init: Groups[init.Init, init.Initiated]
    track: Groups[track.Track, track.Tracked]
    identify: Groups[identify.Identify, identify.Identified]

    @classmethod
    def of(cls, size_max: int) -> Self:
        """Return groups of at most `size_max` commands."""
        return cls(
            Groups("init", init.act, init.keys, size_max=size_max),
            Groups("track", track.act, track.keys, size_max=size_max),
            Groups("identify", identify.act, identify.keys, size_max=size_max),
        )
