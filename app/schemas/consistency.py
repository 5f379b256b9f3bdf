"""A check of the graph on the wire."""

from marshmallow import fields

from app.schemas.wire import WireSchema


class ConsistencyRequest(WireSchema):
    """Whether to repair, too."""

    repair = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Write what follows from the other facts."},
    )


class FindingSchema(WireSchema):
    """Something that is wrong."""

    kind = fields.String(required=True, metadata={"description": "Stable; what a program may decide by."})
    ids = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "Where, by what it is."}
    )
    detail = fields.String(required=True)
    repaired = fields.Boolean(required=True)


class ConsistencyResponse(WireSchema):
    """What was looked at, and what is wrong with it."""

    checked = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"description": "How many, of what."}
    )
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    findings_left_out = fields.Integer(required=True, metadata={"description": "Beyond the 1,000 that are listed."})
