"""PostHog's events as items of a batch (https://posthog.com/docs/data/events)."""

from collections.abc import Mapping
from typing import Any

from app.schemas.segment import NotAnEvent, login, name_of, object_of

Said = Mapping[str, Any]

#: What is kept of a client in its own form, or is of no use here: addresses, browsers, places and the project's key.
LEFT_OUT = frozenset({"$ip", "$raw_user_agent", "$user_agent", "token", "distinct_id", "$anon_distinct_id"})
PLACES = "$geoip_"
#: Stands for a browser that keeps no id, so that it names none.
COOKIELESS = "$posthog_cookieless"
#: Tells of a group. Its `distinct_id` may be one that libraries of servers make of the group, such as `$company_id:5`.
GROUP = "$groupidentify"
#: A referrer that is none.
DIRECT = "$direct"


def item(event: Said) -> dict[str, Any]:
    """Return an event as an item, with `at`, `address` and `agent` beside it: when, and from which client.

    `$device_id` is the browser, also after a login. Beside it, `distinct_id` is a user only if the event says that somebody is
    identified. Without it, `distinct_id` is a user, as servers send it, unless the event says that nobody is identified.

    Raises:
        NotAnEvent: The event lacks what its kind needs.
    """
    properties = object_of(event, "properties")
    name, distinct_id = event.get("event"), name_of(event.get("distinct_id"))
    if not distinct_id:
        raise NotAnEvent("distinct_id: it is required")
    page = {
        "url": properties.get("$current_url"),
        "referrer": properties.get("$referrer"),
        "title": properties.get("title"),
    }
    return {
        "messageId": name_of(event.get("uuid")),
        "page": {field: text for field, text in page.items() if text and text != DIRECT} or None,
        **_call(name, distinct_id, properties),
        "at": {"timestamp": event.get("timestamp"), "receivedAt": event.get("created_at")},
        "address": properties.get("$ip") or event.get("ip"),
        "agent": properties.get("$raw_user_agent") or properties.get("$user_agent"),
    }


def _call(name: Any, distinct_id: Any, properties: Said) -> dict[str, Any]:
    browser = _browser(properties.get("$device_id"))
    if name == "$identify":
        traits = {**object_of(properties, "$set_once"), **object_of(properties, "$set")}
        return login(distinct_id, traits, anonymous_id=browser or _browser(properties.get("$anon_distinct_id")))
    if name == "$create_alias":
        return _alias(distinct_id, properties)
    if name == GROUP and browser is None:
        raise NotAnEvent("$groupidentify: it tells of a group, and without $device_id of nobody: leave it out")
    user_id = _user_id(browser, distinct_id, properties) if name != GROUP else properties.get("$user_id") or None
    return {
        "type": "track",
        "eventName": name,
        "properties": {key: value for key, value in properties.items() if not _is_left_out(key)},
        "anonymousId": browser or (distinct_id if user_id is None else None),
        "userId": user_id,
    }


def _alias(distinct_id: Any, properties: Said) -> dict[str, Any]:
    """Return an alias: the user whom an id of a browser stands for from now on."""
    user_id = properties.get("alias")
    previous_id = name_of(properties.get("distinct_id")) or distinct_id
    if not isinstance(previous_id, str) or not user_id:
        raise NotAnEvent("$create_alias: properties.alias is required, and distinct_id is text")
    return {**login(user_id, {}, anonymous_id=previous_id), "previousId": previous_id}


def _user_id(browser: str | None, distinct_id: Any, properties: Said) -> Any:
    """Return the user of an event; None if nobody is identified."""
    if properties.get("$is_identified") is False or properties.get("$process_person_profile") is False:
        return None
    if properties.get("$user_id"):
        return properties["$user_id"]
    if browser is not None and properties.get("$is_identified") is not True:
        return None
    return distinct_id if distinct_id != browser else None


def _browser(value: Any) -> str | None:
    text = name_of(value)
    return text if isinstance(text, str) and text and text != COOKIELESS else None


def _is_left_out(key: str) -> bool:
    return key in LEFT_OUT or key.startswith(PLACES)
