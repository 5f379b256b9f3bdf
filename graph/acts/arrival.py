"""How a call from a page or a server arrived, whatever the call asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.errors import Gone
from graph.model import NewIds, Observed, Page, Warned
from graph.rules import tombstones
from graph.rules.policy import Policy
from graph.rules.tombstones import NO_HASHING, Hashing, Name, Tombstone


@dataclass(frozen=True)
class Arrival:
    """How a call arrived.

    `at` is when it happened and `received_at` when it arrived, both by the server's clock. A `trusted` caller holds a
    secret key. `actor` names the key, as `key:ID`. `warnings` are about odd input that was noticed before the act.
    `hashing` makes the hashes by which erased ids are recognised.
    """

    at: datetime
    received_at: datetime
    observed: Observed
    page: Page
    trusted: bool
    actor: str
    policy: Policy
    ids: NewIds
    warnings: tuple[Warned, ...] = ()
    hashing: Hashing = NO_HASHING

    def refusal(
        self,
        names: Sequence[Name],
        found: Sequence[Tombstone],
        *,
        erased: tuple[datetime, datetime] | None = None,
        began: datetime | None = None,
    ) -> Gone | None:
        """Return the refusal of a call that names erased ids, or is of its session's erased part; None for any other.

        That part begins at the first time of `erased`, and was erased at the second. The session is over since then. What
        is dated before the session `began` counts from its beginning.
        """
        why = tombstones.why_refused(names, found, self.hashing, self.at)
        if why is None and erased is not None and erased[0] <= max(self.at, began or self.at):
            if self.at > erased[1]:
                return Gone("the session is over, since its later part was erased: begin a new one with init")
            why = "this part of the session was erased, and nothing from before comes back"
        return None if why is None else Gone(why, code="erased")
