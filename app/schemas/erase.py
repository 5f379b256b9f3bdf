"""An erasure on the wire."""

from marshmallow import fields

from app.schemas.wire import Time, WireSchema


class RemovedSchema(WireSchema):
    """How many things of each kind an erasure has removed."""

    tenures = fields.Integer(required=True)
    jars = fields.Integer(required=True)
    visitors = fields.Integer(required=True)
    fingerprints = fields.Integer(required=True, metadata={"description": "Fingerprints that nobody else has."})
    addresses = fields.Integer(required=True, metadata={"description": "Addresses at which nobody else was."})
    sessions = fields.Integer(
        required=True, metadata={"description": "Sessions, and fingerprints collected without one."}
    )
    events = fields.Integer(required=True)
    audit_entries = fields.Integer(
        required=True, metadata={"description": "Entries that lost the person; what was done, and when, stays."}
    )
    warnings = fields.Integer(required=True)
    messages = fields.Integer(required=True, metadata={"description": "Kept answers of changes with a key."})


class ErasureResponse(WireSchema):
    """The receipt of an erasure, as far as it has come. It names nobody."""

    erasure_id = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["user", "visitor"]})
    at = Time(required=True, metadata={"type": "string", "format": "date-time"})
    finished_at = Time(
        required=True,
        allow_none=True,
        metadata={
            "type": "string",
            "format": "date-time",
            "description": "Null while something is left to remove: call again, or wait for the job.",
        },
    )
    removed = fields.Nested(RemovedSchema, required=True)
