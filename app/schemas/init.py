"""`POST /eventTracking/init` on the wire."""

from marshmallow import fields, validate

from app.schemas.wire import CallSchema, Identifier, MatchSchema, Number, SignatureSchema, Time, WireSchema


class MetadataSchema(WireSchema):
    """What a collector put beside the fingerprint; anything else in it is not kept."""

    user_id = Identifier(load_default=None, allow_none=True)


class FingerprintSchema(WireSchema):
    """A fingerprint as FingerprintJS collects it."""

    visitor_id = Identifier(required=True, metadata={"description": "The hash."})
    confidence = Number(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "The collector's own confidence, 0–1."},
    )
    components = fields.Dict(
        keys=fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": 'What the hash was made of, each as `{"value": …}`.'},
    )
    metadata = fields.Nested(
        MetadataSchema,
        load_default=None,
        allow_none=True,
        metadata={"description": "A `userId` in it is taken for one beside the fingerprint, where there is none."},
    )


class VisitSchema(CallSchema, SignatureSchema):
    """What tells one browser from another."""

    anonymous_id = Identifier(load_default=None, metadata={"description": "The caller's own id of this browser."})
    visitor_token = fields.Raw(load_default=None, metadata={"description": "As answered before; a bad one is ignored."})
    fingerprint = fields.Nested(FingerprintSchema, load_default=None, allow_none=True)
    user_id = Identifier(
        load_default=None,
        allow_none=True,
        metadata={"description": "Evidence of who it is; only `identify` claims."},
    )
    consent = fields.Boolean(
        load_default=True,
        truthy={True},
        falsy={False},
        metadata={"description": "False: a visitor of its own, without fingerprint, address or token."},
    )


class InitRequest(VisitSchema):
    """A visit begins."""

    reset = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "After a log-out: nothing of before is carried on."},
    )


class InitResponse(WireSchema):
    """The session, and who it is."""

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
