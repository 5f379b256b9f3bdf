"""The policy on the wire. Its fields have their own names, as in commands."""

from marshmallow import fields, validate

from app.schemas.wire import Number, RepeatableSchema, WireSchema, text
from graph.rules.previewing import BY_NUMBER, BY_TIME, JOINS, MOVES, MOVES_MAX, PARTS

_VALUE = {"type": ["number", "boolean", "string", "array"], "items": {"type": "string"}}


def _changes() -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        required=True,
        data_key="set",
        validate=validate.Length(min=1, error='Name at least one field, such as {{"confidence_min": 0.8}}.'),
        metadata={"description": "Values by the names of fields; null is a field's default."},
    )


class FieldSchema(WireSchema):
    """A field of the policy."""

    name = fields.String(required=True)
    value = fields.Raw(required=True, metadata=_VALUE)
    default = fields.Raw(required=True, metadata=_VALUE)
    least = fields.Float(
        required=True, allow_none=True, metadata={"description": "The least that it may be; null if it is no number."}
    )
    most = fields.Float(
        required=True, allow_none=True, metadata={"description": "The most that it may be; null if it is no number."}
    )
    choices = fields.List(
        fields.String(),
        required=True,
        allow_none=True,
        metadata={"description": "What it may be; null if not a choice."},
    )
    meaning = fields.String(required=True)
    by_command_only = fields.Boolean(
        required=True, metadata={"description": "True if `PUT` refuses it: only a command changes it."}
    )


class PolicyResponse(WireSchema):
    """The policy of the tenant as it is now."""

    fields_ = fields.List(fields.Nested(FieldSchema), required=True, data_key="fields", attribute="fields")


class PreviewRequest(WireSchema):
    """Another policy, and how much to look at."""

    changes = _changes()
    sample = Number(
        load_default=100.0,
        validate=validate.Range(min=0, max=100, min_inclusive=False),
        metadata={"description": "Look at so many percent of the visitors."},
    )
    limit = fields.Integer(
        strict=True,
        load_default=20,
        validate=validate.Range(min=0, max=MOVES_MAX),
        metadata={"description": "List so many moves at most."},
    )


class MoveSchema(WireSchema):
    """A visitor that would belong to another identity."""

    visitor = fields.String(required=True)
    change = fields.String(required=True, metadata={"enum": [JOINS, PARTS, MOVES]})
    before = fields.String(required=True, data_key="from", metadata={"description": "`user:ID` or `visitor:ID`."})
    after = fields.String(required=True, data_key="to", metadata={"description": "`user:ID` or `visitor:ID`."})
    confidence = fields.List(
        fields.Float(), required=True, metadata={"description": "How sure both are, 0–1: before and after."}
    )


class CountsSchema(WireSchema):
    """How many of the visitors that were looked at would change, and how."""

    joins = fields.Integer(required=True, metadata={"description": "Would belong to a person."})
    parts = fields.Integer(required=True, metadata={"description": "Would belong to nobody else any more."})
    moves = fields.Integer(required=True, metadata={"description": "Would belong to another person."})
    surer = fields.Integer(required=True, metadata={"description": "Would stay whose they are, more surely."})
    less_sure = fields.Integer(required=True, metadata={"description": "Would stay whose they are, less surely."})


class PreviewResponse(WireSchema):
    """What another policy would change."""

    visitors = fields.Integer(
        required=True, metadata={"description": "All browsers, each merge group once; if time was over, those counted."}
    )
    looked_at = fields.Integer(required=True)
    cut_by = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "enum": [BY_NUMBER, BY_TIME, None],
            "description": "Why fewer visitors were looked at than asked for; null if all were.",
        },
    )
    counts = fields.Nested(CountsSchema, required=True)
    relationships = fields.Integer(required=True, metadata={"description": "Of the visitors that were looked at."})
    fading_before = fields.Integer(required=True, metadata={"description": "Would be closed by the policy in force."})
    fading_after = fields.Integer(required=True, metadata={"description": "Would be closed by the other policy."})
    moves = fields.List(
        fields.Nested(MoveSchema), required=True, metadata={"description": "The first that join, part or move."}
    )


class PolicyRequest(WireSchema):
    """Which fields change, and why."""

    changes = _changes()
    reason = text(metadata={"description": "Kept in the audit trail."})


class PolicySetResponse(RepeatableSchema):
    """The fields that changed; none did if both objects are empty."""

    before = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        required=True,
        metadata={"description": "Null stands for the default. Sent as `set`, it takes the change back."},
    )
    after = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)
