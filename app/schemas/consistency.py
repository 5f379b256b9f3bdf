"""Checks of the graph on the wire."""

from marshmallow import fields

from app.schemas.wire import WireSchema


class ConsistencyRequest(WireSchema):
    """Whether the check also repairs."""

    repair = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Write whatever follows from the other facts."},
    )


class FindingSchema(WireSchema):
    """One inconsistency."""

    kind = fields.String(required=True, metadata={"description": "Stable; programs may rely on it."})
    ids = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"description": "The ids of what is inconsistent, by kind."},
    )
    detail = fields.String(required=True)
    repaired = fields.Boolean(required=True)


class ConsistencyResponse(WireSchema):
    """How much was checked, and which inconsistencies were found."""

    checked = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many of each kind were checked."},
    )
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    findings_left_out = fields.Integer(
        required=True, metadata={"description": "How many findings there are beyond the 1,000 listed."}
    )
