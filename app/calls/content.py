"""Reduce a call to its content: what a repeat under the same message id must say, too.

Whatever says the same has the same content, however it was written. Unknown fields are no part of it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import Schema

from app.json_body import is_blank
from app.schemas.collect import CollectRequest
from app.schemas.identify import IdentifyRequest
from app.schemas.init import InitRequest
from app.schemas.track import TrackRequest
from app.schemas.wire import PageSchema, wire_time
from graph.rules.identifiers import kept_id

#: A value of JSON.
Json = Any

#: Fields that are no part of what a call says: the client's clock when it sent the call, and its right to send it.
NOT_HASHED = frozenset({"sentAt", "writeKey", "tenantId"})
#: The key of `sent` that holds the type of an item of a batch. It is content, as it has been since the first version.
TYPE = "type"


def _keys(schema: Schema) -> frozenset[str]:
    return frozenset(field.data_key or name for name, field in schema.load_fields.items())


_SAYING: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "init": _keys(InitRequest()) - NOT_HASHED,
        "collect": _keys(CollectRequest()) - NOT_HASHED,
        "track": _keys(TrackRequest()) - NOT_HASHED,
        "identify": _keys(IdentifyRequest()) - NOT_HASHED,
    }
)
#: The fields of a page.
_PAGE = _keys(PageSchema())
#: What a call says that leaves a field out. The content has the field only if it says something else.
_OTHERWISE: Mapping[str, Json] = MappingProxyType(
    {"reset": False, "consent": True, "onBehalfOf": False, "properties": {}}
)


def content(call: str, sent: Mapping[str, Any], raw: Mapping[str, Json]) -> dict[str, Json]:
    """Return what a call says, by its fields on the wire.

    Args:
        call: Which call it is.
        sent: The call as its schema loaded it.
        raw: The call as it was sent.
    """
    said: dict[str, Json] = {}
    for name, value in raw.items():
        if name in _SAYING[call] and not is_blank(value):
            written = _WRITTEN.get(name)
            meant = value if written is None else written(value)
            if meant is not None and (name not in _OTHERWISE or meant != _OTHERWISE[name]):
                said[name] = meant
    if sent["timestamp"] is not None:
        # One time can be written in many ways: `+00:00` is `Z`.
        said["timestamp"] = wire_time(sent["timestamp"])
    if TYPE in sent:
        said[TYPE] = sent[TYPE]
    return said


def _id(value: Json) -> Json:
    """Return an id as it is kept, but in its own case: the tenant's policy may change between a call and its repeat."""
    # A boolean is no number here.
    text = str(value) if type(value) is int else value
    return (kept_id(text) or text) if isinstance(text, str) else text


def _trimmed(value: Json) -> Json:
    return value.strip() if isinstance(value, str) else value


def _flag(value: Json) -> bool:
    """Return a boolean, for which schemas take 1 and 0, too."""
    return bool(value)


def _page(value: Json) -> Json:
    if not isinstance(value, dict):
        return value
    return {name: text for name, text in value.items() if name in _PAGE and not is_blank(text)} or None


def _fingerprint(value: Json) -> Json:
    """Return the fingerprint without what is not kept; None if it has no hash."""
    if not isinstance(value, dict):
        return value
    if is_blank(value.get("visitorId")):
        return None
    confidence, metadata = value.get("confidence"), value.get("metadata")
    said = {
        "visitorId": _id(value["visitorId"]),
        "confidence": confidence.get("score") if isinstance(confidence, dict) else confidence,
        "components": value.get("components") or None,
        "metadata": _metadata(metadata) if isinstance(metadata, dict) else metadata,
    }
    return {name: its for name, its in said.items() if not is_blank(its)}


def _metadata(value: dict[str, Json]) -> dict[str, Json] | None:
    user_id = value.get("userId")
    return None if is_blank(user_id) else {"userId": _id(user_id)}


def _user_properties(value: Json) -> Json:
    return {**value, "userId": _id(value.get("userId"))} if isinstance(value, dict) else value


#: How a field is written that can be written in several ways. A None says nothing.
_WRITTEN: Mapping[str, Callable[[Json], Json]] = MappingProxyType(
    {
        "messageId": _id,
        "sessionId": _id,
        "anonymousId": _id,
        "userId": _id,
        "userHash": _trimmed,
        "userToken": _trimmed,
        "reset": _flag,
        "consent": _flag,
        "onBehalfOf": _flag,
        "page": _page,
        "fingerprint": _fingerprint,
        "userProperties": _user_properties,
    }
)
