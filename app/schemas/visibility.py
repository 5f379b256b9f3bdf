"""Visibility of users and relationships on the wire."""

from marshmallow import fields

from app.schemas.wire import RepeatableSchema, WireSchema, text


class VisibilityRequest(WireSchema):
    """Whether reads include the user or the relationship."""

    visible = fields.Boolean(
        truthy={True},
        falsy={False},
        required=True,
        metadata={"description": "If false, every read leaves the user or relationship out."},
    )
    reason = text(metadata={"description": "Kept in the audit trail."})


class VisibilityResponse(RepeatableSchema):
    """Whether reads include the user or the relationship now."""

    user_id = fields.String(required=True)
    visitor_id = fields.String(
        required=True, allow_none=True, metadata={"description": "Null if the call was about the user."}
    )
    visible = fields.Boolean(
        truthy={True},
        falsy={False},
        required=True,
        metadata={
            "description": "Also false while the user's relationship with another visitor of the merge group is hidden."
        },
    )
    changed = fields.Boolean(
        truthy={True},
        falsy={False},
        required=True,
        metadata={"description": "False if the call wrote nothing: it was hidden or shown already."},
    )
