"""Splits of visitors on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.schemas.wire import Identifier, RepeatableSchema, WireSchema, text


class SplitRequest(WireSchema):
    """Which part to take out of the visitor; without a part, the split undoes the visitor's merge into another."""

    jar = Identifier(
        load_default=None, metadata={"description": "A jar (one browser's cookie storage), as `GET` lists it."}
    )
    tenure = Identifier(load_default=None, metadata={"description": "A tenure that is tied to another."})
    fingerprint = Identifier(
        load_default=None, metadata={"description": "A fingerprint's hash; the jars that it brought in go with it."}
    )
    reason = text(metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _one_part(self, data: dict[str, Any], **_: Any) -> None:
        named = [name for name in ("jar", "tenure", "fingerprint") if data.get(name)]
        if len(named) > 1:
            raise ValidationError("Name one of jar, tenure and fingerprint.", named[1])


class SplitResponse(RepeatableSchema):
    """The visitors after the split."""

    visitor_id = fields.String(required=True, metadata={"description": "The visitor that the part was taken from."})
    split_off_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The visitor that was split off; null if no jar moved."},
    )
