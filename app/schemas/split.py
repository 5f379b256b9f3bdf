"""Splits of visitors on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.schemas.wire import Identifier, RepeatableSchema, WireSchema, text


class SplitRequest(WireSchema):
    """What to take out of the visitor; without any of the three the merge by which it counts for another is undone."""

    jar = Identifier(load_default=None, metadata={"description": "A browser's cookie storage, as `GET` lists it."})
    tenure = Identifier(load_default=None, metadata={"description": "A stretch of browsing that is tied to another."})
    fingerprint = Identifier(load_default=None, metadata={"description": "A hash, with the jars that came in by it."})
    reason = text(metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _one_part(self, data: dict[str, Any], **_: Any) -> None:
        named = [name for name in ("jar", "tenure", "fingerprint") if data.get(name)]
        if len(named) > 1:
            raise ValidationError("Name one of jar, tenure and fingerprint.", named[1])


class SplitResponse(RepeatableSchema):
    """The visitors that there are now."""

    visitor_id = fields.String(required=True, metadata={"description": "What the part was taken from."})
    split_off_id = fields.String(
        required=True, allow_none=True, metadata={"description": "What was taken out; null where no browser was."}
    )
