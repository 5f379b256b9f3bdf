"""Merges of visitors on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.schemas.wire import Identifier, RepeatableSchema, WireSchema, text


class MergeRequest(WireSchema):
    """The visitor that survives."""

    into = Identifier(required=True, metadata={"description": "The visitor that the other counts for from now on."})
    force = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Merge what is different users'; with a reason."},
    )
    reason = text(metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _forced_with_a_reason(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("force") and not (data.get("reason") or "").strip():
            raise ValidationError("A merge by force needs a reason.", "reason")


class MergeResponse(RepeatableSchema):
    """The survivor, and whose it is."""

    visitor_id = fields.String(required=True, metadata={"description": "The survivor."})
    merged_id = fields.String(required=True, metadata={"description": "What counts for it; the id still resolves."})
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    relationships = fields.Integer(required=True, metadata={"description": "Users that the survivor did not have."})
    changed = fields.Boolean(required=True, metadata={"description": "False where the two were one already."})
