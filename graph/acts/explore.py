"""Note that a link to the explorer was given out, and end all links."""

from datetime import datetime

from graph.acts import audit, tenants
from graph.model import Change
from graph.transaction import Transaction

CALL = "explore"
REVOKE = "explore_revoke"
#: Whose audit trail has when all links were ended. A link's own id begins with `lnk_`.
ALL_LINKS = "link:all"


def act(tx: Transaction, link_id: str, ends: datetime, change: Change) -> None:
    """Record in the audit trail of `link:ID` when the link was given out, when it ends and why there is one."""
    audit.record(tx, audit.Trace(change, (f"link:{link_id}",), act=CALL, before=None, after={"ends": _text(ends)}))


def revoke(tx: Transaction, change: Change) -> None:
    """End all links of the tenant that were given out until the change, and record that in the audit trail of `link:all`.

    Every process refuses them within ten seconds, as it does with a revoked key.
    """
    ended_at = tenants.TenantSettings.from_json(tenants.locked(tx).settings).links_ended_at
    # The clocks of two terminals differ, and no later call may let an ended link in again.
    if ended_at is None or datetime.fromisoformat(ended_at) < change.at:
        tenants.reconfigure(tx, {"links_ended_at": change.at.isoformat()}, {}, None)
    audit.record(tx, audit.Trace(change, (ALL_LINKS,), act=REVOKE, before=None, after={"ended": _text(change.at)}))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
