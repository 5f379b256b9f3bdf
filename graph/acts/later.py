"""The result of a command that has to run in a later transaction."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Later:
    """The command met an earlier command of its group on a node that was found on the way, and has written nothing.

    `graph.groups` runs it in the next group. The first command of a group never has this result.
    """


LATER = Later()
