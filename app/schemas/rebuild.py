"""What a rebuild found, as its command prints it."""

from marshmallow import fields

from app.schemas.consistency import FindingSchema
from app.schemas.wire import WireSchema


class RebuildResponse(WireSchema):
    """How much was compared, where the graph differs from its facts, and how many differences are left."""

    checked = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    kinds = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    findings_left_out = fields.Integer(required=True)
    left = fields.Integer(required=True)
