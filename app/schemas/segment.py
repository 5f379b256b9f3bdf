"""Segment's messages as items of a batch (https://www.twilio.com/docs/segment/connections/spec/common)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

Said = Mapping[str, Any]

#: The event of an `identify` that names no user: it only tells of a visitor.
TRAITS = "traits"


class NotAnEvent(ValueError):  # noqa: N818 - it says what to change
    """A message that is no event; the text says what to change."""


def item(message: Said) -> dict[str, Any]:
    """Return a message as an item, with `at`, `address` and `agent` beside it: when, and from which client.

    Raises:
        NotAnEvent: The message is none of Segment's, or lacks what its type needs.
    """
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise NotAnEvent(f"type: one of {', '.join(KINDS)}")
    context = object_of(message, "context")
    page = object_of(context, "page")
    return {
        "messageId": message.get("messageId"),
        "anonymousId": name_of(message.get("anonymousId")),
        "page": {name: page[name] for name in ("url", "referrer", "title") if page.get(name)} or None,
        **KINDS[kind](message),
        "at": _times(message),
        "address": context.get("ip"),
        "agent": context.get("userAgent"),
    }


def _times(message: Said) -> dict[str, Any]:
    """Return the times of a message. Segment's own `timestamp` is corrected already; `originalTimestamp` is not."""
    if message.get("timestamp"):
        return {"timestamp": message["timestamp"]}
    return {
        "timestamp": message.get("originalTimestamp"),
        "sentAt": message.get("sentAt"),
        "receivedAt": message.get("receivedAt"),
    }


def _track(message: Said) -> dict[str, Any]:
    return _event(message, message.get("event"), object_of(message, "properties"))


def _page(message: Said) -> dict[str, Any]:
    properties = object_of(message, "properties")
    page = {name: properties[name] for name in ("url", "referrer", "title") if properties.get(name)}
    return {**_viewed(message, "page", properties), **({"page": page} if page else {})}


def _screen(message: Said) -> dict[str, Any]:
    return _viewed(message, "screen", object_of(message, "properties"))


def _viewed(message: Said, event: str, properties: Said) -> dict[str, Any]:
    named = {name: message[name] for name in ("name", "category") if message.get(name)}
    return _event(message, event, {**properties, **named})


def _group(message: Said) -> dict[str, Any]:
    return _event(message, "group", {**object_of(message, "traits"), "groupId": message.get("groupId")})


def _identify(message: Said) -> dict[str, Any]:
    traits = object_of(message, "traits")
    if not message.get("userId"):
        return _event(message, TRAITS, traits)
    return login(message["userId"], traits, anonymous_id=message.get("anonymousId"))


def _alias(message: Said) -> dict[str, Any]:
    previous_id, user_id = name_of(message.get("previousId")), message.get("userId")
    if not isinstance(previous_id, str) or not previous_id or not user_id:
        raise NotAnEvent("alias: previousId and userId are required")
    return {**login(user_id, {}, anonymous_id=previous_id), "previousId": previous_id}


def _event(message: Said, name: Any, properties: Said) -> dict[str, Any]:
    return {
        "type": "track",
        "eventName": name,
        "properties": dict(properties),
        "userId": message.get("userId") or None,
    }


def login(user_id: Any, properties: Said, *, anonymous_id: Any) -> dict[str, Any]:
    """Return a login: on a browser, or without one on the visitor that the user's servers have."""
    where = {"anonymousId": name_of(anonymous_id)} if anonymous_id else {"userId": user_id}
    return {"type": "identify", **where, "userProperties": {**properties, "userId": user_id}}


def name_of(value: Any) -> Any:
    """Return an id as text: some libraries send numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def object_of(said: Said, name: str) -> dict[str, Any]:
    """Return the object in a field; it is empty if there is none.

    Raises:
        NotAnEvent: The field has something else.
    """
    value = said.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise NotAnEvent(f"{name}: it is no object")
    return value


KINDS: Mapping[str, Callable[[Said], dict[str, Any]]] = MappingProxyType(
    {
        "track": _track,
        "page": _page,
        "screen": _screen,
        "identify": _identify,
        "alias": _alias,
        "group": _group,
    }
)
