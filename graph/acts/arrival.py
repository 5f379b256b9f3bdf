"""How a call from a page or a server arrived, whatever the call asks for."""

from dataclasses import dataclass
from datetime import datetime

from graph.model import NewIds, Observed, Page, Warned
from graph.rules.policy import Policy


@dataclass(frozen=True)
class Arrival:
    """How a call arrived.

    `at` is when it happened and `received_at` when it arrived, both by the server's clock. A `trusted` caller holds a
    secret key. `actor` names the key, as `key:ID`. `warnings` are about odd input that was noticed before the act.
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
