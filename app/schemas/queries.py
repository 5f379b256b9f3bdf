"""The analysts' queries on the wire."""

from marshmallow import fields, validate

from app.schemas.wire import WireSchema
from graph.store.analysis import KINDS

FORMATS = ("json", "csv", "parquet")


class AskQuery(WireSchema):
    """The format of the answer."""

    format = fields.String(
        load_default="json",
        validate=validate.OneOf(FORMATS),
        metadata={"description": "Every other parameter is one of the query's own, such as `who=anna`."},
    )


class ParameterSchema(WireSchema):
    """A parameter of a query."""

    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": list(KINDS)})
    about = fields.String(required=True)
    default = fields.String(
        required=True, allow_none=True, metadata={"description": "As text; null if you have to give a value."}
    )


class QuerySchema(WireSchema):
    """What a query tells, and what it takes."""

    name = fields.String(required=True)
    purpose = fields.String(required=True)
    parameters = fields.List(fields.Nested(ParameterSchema), required=True)
    columns = fields.List(fields.String(), required=True)


class QueriesResponse(WireSchema):
    """The analysts' queries, by name."""

    items = fields.List(fields.Nested(QuerySchema), required=True)


class RowsResponse(WireSchema):
    """The rows of a query. Each has a value for every column, under the column's name."""

    name = fields.String(required=True)
    columns = fields.List(fields.String(), required=True)
    rows = fields.List(fields.Dict(keys=fields.String()), required=True)
