"""`POST /eventTracking/init` on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from app.schemas.wire import (
    CallSchema,
    Identifier,
    MatchSchema,
    Number,
    SignatureSchema,
    Time,
    UserId,
    WireSchema,
)


class MetadataSchema(WireSchema):
    """Metadata that a collector sends with a fingerprint; only `userId` is kept."""

    user_id = UserId(load_default=None, allow_none=True)


class Confidence(Number):
    """A collector's confidence: a number, or FingerprintJS' `{"score": …, "comment": …}`."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        score = value.get("score") if isinstance(value, Mapping) else value
        return super()._deserialize(score, attr, data, **kwargs)


class FingerprintSchema(WireSchema):
    """A fingerprint as FingerprintJS collects it."""

    decoration = frozenset({"confidence", "components", "metadata"})
    # The paid FingerprintJS gives a bot an empty one.
    nothing_without = "visitorId"

    visitor_id = Identifier(required=True, metadata={"description": "The hash."})
    confidence = Confidence(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "The collector's own confidence, 0–1, or its `{score, comment}`."},
    )
    components = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": 'What the hash was made from; each component is `{"value": …}`.'},
    )
    metadata = fields.Nested(
        MetadataSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "Its `userId` counts as the call's `userId`, if the call itself has none."},
    )


class VisitSchema(CallSchema, SignatureSchema):
    """A call by which the service recognises a browser."""

    anonymous_id = Identifier(load_default=None, metadata={"description": "The caller's own id for this browser."})
    visitor_token = fields.Raw(
        load_default=None, metadata={"description": "The token of an earlier answer; an invalid one is ignored."}
    )
    fingerprint = fields.Nested(FingerprintSchema, load_default=None, allow_none=True)
    user_id = UserId(
        load_default=None,
        allow_none=True,
        metadata={"description": "Evidence of who the visitor is; only `identify` claims."},
    )
    consent = fields.Boolean(
        load_default=True,
        truthy={True},
        falsy={False},
        metadata={"description": "False: the visit gets a visitor of its own, without fingerprint, address or token."},
    )


class InitRequest(VisitSchema):
    """A visit begins."""

    reset = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "True after a log-out: the session inherits nothing from before."},
    )


class InitResponse(WireSchema):
    """The session, and who the visitor is."""

    session_id = fields.String(required=True)
    visitor_id = fields.String(required=True)
    visitor_token = fields.String(required=True, allow_none=True)
    identity_id = fields.String(required=True)
    user_id = fields.String(required=True, allow_none=True)
    is_new_visitor = fields.Boolean(required=True)
    match = fields.Nested(MatchSchema, required=True)
    started_at = Time(required=True)
    expires_at = Time(required=True)
    warnings = fields.List(fields.String(), required=True)
    duplicate = fields.Boolean(required=True)
