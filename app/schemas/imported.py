"""A row of a file as an item of a batch: by its own words, or by those of Segment or PostHog."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from app.json_body import is_blank
from app.schemas import posthog, segment
from app.schemas.wire import wire_time
from graph.rules import times

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Imported:
    """A row as an item of a batch, when it happened, and which client it came from.

    `previous_id` is what an alias takes for a browser: the row is refused if it turns out to be a user.
    """

    item: dict[str, Any]
    at: datetime
    address: str | None = None
    agent: str | None = None
    previous_id: str | None = None


class BadRow(ValueError):  # noqa: N818 - it says what to change
    """A row that is no event; the message says what to change."""


def imported(row: Said, shape: str | None = None) -> Imported:
    """Return a row as an item of a batch; `shape` is one of `SHAPES`, and otherwise each row shows its own.

    A row without an id of its own gets one that is made of its content. So equal rows count once, in one file or in two.

    Raises:
        BadRow: The row is no event, or has no time.
    """
    shape = shape or shape_of(row)
    try:
        item = SHAPES[shape](row)
    except segment.NotAnEvent as error:
        raise BadRow(str(error)) from None
    at, address, agent = item.pop("at"), item.pop("address"), item.pop("agent")
    previous_id = item.pop("previousId", None)
    when = _time(at.get("timestamp"), at.get("sentAt"), at.get("receivedAt"))
    if is_blank(item.get("messageId")):
        item["messageId"] = f"row_{_hash(row)}"
    said = {name: value for name, value in item.items() if value is not None}
    item = {**said, "timestamp": wire_time(when)}
    if previous_id is not None:
        # Whoever calls two ids one need not be on the browser that it is about, and would contradict it.
        return Imported(item, when, previous_id=previous_id)
    return Imported(item, when, _text(address), _text(agent))


def shape_of(row: Said) -> str:
    """Return the shape that a row has.

    Raises:
        BadRow: It has none of them.
    """
    kind = row.get("type")
    if "distinct_id" in row and "event" in row:
        return "posthog"
    if kind == "collect" or (kind in {"track", "identify"} and ("eventName" in row or "userProperties" in row)):
        return "whograph"
    if isinstance(kind, str) and kind in segment.KINDS:
        return "segment"
    raise BadRow(
        "the row has none of the known shapes: type with eventName, userProperties or fingerprint; a type of Segment's; "
        "or event with distinct_id"
    )


def _whograph(row: Said) -> dict[str, Any]:
    context = segment.object_of(row, "context")
    return {
        **{name: value for name, value in row.items() if name not in OF_CLIENT},
        "at": row,
        "address": row.get("ip", context.get("ip")),
        "agent": row.get("userAgent", context.get("userAgent")),
    }


def _time(timestamp: Any, sent_at: Any, received_at: Any) -> datetime:
    """Return when an event happened; a time that both the client and the receiver noted corrects the client's clock."""
    happened, sent, received = (_read(value) for value in (timestamp, sent_at, received_at))
    if happened is None:
        happened = sent or received
    if happened is None:
        raise BadRow("timestamp: the row has no time: give it as 2026-01-31T12:00:00Z")
    if sent is not None and received is not None:
        happened = times.corrected(happened, sent, received)
    if happened < times.BEGINNING:
        raise BadRow("timestamp: it is before 1970")
    return times.whole_milliseconds(happened)


def _read(value: Any) -> datetime | None:
    if is_blank(value):
        return None
    try:
        time = datetime.fromisoformat(value)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadRow(f"timestamp: {value!r} is no time such as 2026-01-31T12:00:00Z") from None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _hash(row: Said) -> str:
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


#: Fields of a row of our own shape that are no part of the call: which client it came from, and when.
OF_CLIENT = frozenset({"ip", "userAgent", "context", "timestamp", "sentAt", "receivedAt"})
SHAPES: Mapping[str, Callable[[Said], dict[str, Any]]] = MappingProxyType(
    {"whograph": _whograph, "segment": segment.item, "posthog": posthog.item}
)
