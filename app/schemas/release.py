"""Removals of a user from many visitors on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from app.schemas.wire import Time, WireSchema, text
from graph.acts.release import AT_ONCE_MAX
from graph.rules.relationships import Source


class ReleaseRequest(WireSchema):
    """Selects claims by their kind and by when they arrived: `from` is included, `to` is not."""

    source = fields.String(
        load_default=Source.CLAIMED.value,
        validate=validate.OneOf([Source.CLAIMED.value, Source.VERIFIED.value]),
        metadata={"description": "`claimed`: by logins without a signature. `verified`: by signed and server logins."},
    )
    since = Time(data_key="from", load_default=None, metadata={"type": "string", "format": "date-time"})
    until = Time(data_key="to", load_default=None, metadata={"type": "string", "format": "date-time"})
    reason = text(metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _ends_after_it_begins(self, data: dict[str, Any], **_: Any) -> None:
        if data["since"] and data["until"] and data["until"] <= data["since"]:
            raise ValidationError("Not after `from`, so no login is between the two.", "to")

    @post_load
    def _as_source(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {**data, "source": Source(data["source"])}


class ReleaseResponse(WireSchema):
    """From how many visitors the user was taken."""

    user_id = fields.String(required=True)
    released = fields.Integer(required=True, metadata={"description": f"At most {AT_ONCE_MAX}."})
    more = fields.Boolean(required=True, metadata={"description": "If true, there are more: make the same call again."})
