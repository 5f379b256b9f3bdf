"""Links of users on the wire."""

from marshmallow import fields

from app.schemas.wire import RepeatableSchema, UserId, WireSchema, text


class LinkRequest(WireSchema):
    """Which user is the same person, and why."""

    to = UserId(required=True, metadata={"description": "The other account of the same person."})
    reason = text(metadata={"description": "Kept in the audit trail."})


class UnlinkQuery(WireSchema):
    """Why a link is undone."""

    reason = text(metadata={"description": "Kept in the audit trail."})


class LinkResponse(RepeatableSchema):
    """The identity that two users have, and all users who have it."""

    user_id = fields.String(required=True)
    to = fields.String(required=True)
    identity_id = fields.String(required=True, metadata={"description": "That of the oldest of the linked users."})
    user_ids = fields.List(
        fields.String(), required=True, metadata={"description": "All users with this identity, but for hidden ones."}
    )
    changed = fields.Boolean(required=True, metadata={"description": "False if the two were linked already."})
