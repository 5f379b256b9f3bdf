"""Merges of visitors on the wire."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.schemas.wire import Identifier, RepeatableSchema, WireSchema, text


class MergeRequest(WireSchema):
    """Which visitor survives, and why."""

    into = Identifier(required=True, metadata={"description": "The visitor that stands for both from now on."})
    force = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Merge even if the visitors belong to different users. Needs a reason."},
    )
    reason = text(metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _forced_with_a_reason(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("force") and not (data.get("reason") or "").strip():
            raise ValidationError("A merge by force needs a reason.", "reason")


class MergeResponse(RepeatableSchema):
    """The survivor, and whose it is now."""

    visitor_id = fields.String(required=True, metadata={"description": "The survivor."})
    merged_id = fields.String(
        required=True, metadata={"description": "The visitor that was merged into it; this id still resolves."}
    )
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    relationships = fields.Integer(required=True, metadata={"description": "How many users the survivor gained."})
    changed = fields.Boolean(
        required=True, metadata={"description": "False if the two were in one merge group already."}
    )
