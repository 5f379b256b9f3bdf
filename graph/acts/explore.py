"""Note that a link to the explorer was given out."""

from datetime import datetime

from graph.acts import audit
from graph.model import Change
from graph.transaction import Transaction

CALL = "explore"


def act(tx: Transaction, link_id: str, ends: datetime, change: Change) -> None:
    """Record in the audit trail of `link:ID` when the link was given out, when it ends and why there is one."""
    after = {"ends": ends.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    audit.record(tx, audit.Trace(change, (f"link:{link_id}",), act=CALL, before=None, after=after))
