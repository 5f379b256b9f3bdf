"""The audit trail on the wire."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from app.schemas.paging import PageQuery, page, place_in
from app.schemas.wire import Time, WireSchema, wire_time
from graph.rules.times import END
from graph.store.audit import Entry

#: `user:` and an e-mail address with single blanks before its `@`, or a telephone number after a blank.
_ADDRESS_WITH_BLANKS = re.compile(r"user:(?:[^\s@]+(?: [^\s@]+)+@[^\s@]+| \d+)$")


class About(fields.String):
    """A subject. No e-mail address has a blank, so a blank in one was a `+`, which a query string takes for a blank."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return text.replace(" ", "+") if _ADDRESS_WITH_BLANKS.match(text) else text


class AuditQuery(PageQuery):
    """Selects the changes of one subject: `from` is included, `to` is not."""

    about = About(
        required=True,
        error_messages={
            "required": "Whose changes? Add about=user:ID, about=visitor:ID, about=identity:ID or about=tenant:ID."
        },
        validate=validate.Regexp(
            r"(user|visitor|identity|erasure|link|tenant):.",
            error="One of user:ID, visitor:ID, identity:ID, erasure:ID, link:ID and tenant:ID.",
        ),
        metadata={
            "description": "`user:ID` or `visitor:ID`; `identity:ID` for the user or, of a tenure, its visitor; `link:ID` for a link to the explorer; or `tenant:ID` for the policy."
        },
    )
    since = Time(data_key="from", load_default=None, metadata={"type": "string", "format": "date-time"})
    until = Time(data_key="to", load_default=None, metadata={"type": "string", "format": "date-time"})


class EntrySchema(WireSchema):
    """One change of one subject."""

    entry_id = fields.String(required=True)
    change_id = fields.String(required=True, metadata={"description": "All entries of one change share it."})
    subject = fields.String(required=True)
    act = fields.String(required=True)
    actor = fields.String(required=True, metadata={"description": "`key:ID`, or `job:NAME` for a job or a command."})
    reason = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True, metadata={"description": "Null if nothing existed before."})
    after = fields.Dict(required=True, allow_none=True, metadata={"description": "Null if nothing is left."})
    at = Time(required=True)


class AuditResponse(WireSchema):
    """Changes, newest first."""

    items = fields.List(fields.Nested(EntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def place(asked: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return the time and id before which the page begins."""
    return place_in(_list(asked), asked["cursor"]) or (asked["until"] or END, "")


def answered(asked: Mapping[str, Any], found: Sequence[Entry]) -> dict[str, Any]:
    """Return a page of entries. `found` may hold one entry more than `limit`, which means there is a next page."""
    entries, next_cursor = page(
        _list(asked), found, asked["limit"], lambda last: (wire_time(last.at), last.entry_id), _size
    )
    return {
        "items": [{**vars(one), "before": _json(one.before), "after": _json(one.after)} for one in entries],
        "next_cursor": next_cursor,
    }


def _list(asked: Mapping[str, Any]) -> tuple[str, str]:
    return "audit", asked["about"]


def _size(entry: Entry) -> int:
    return sum(len(text.encode()) for text in (entry.reason, entry.before, entry.after) if text is not None)


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
