"""`POST /eventTracking/batch` on the wire."""

from marshmallow import Schema, fields

from app.schemas.wire import Item, WireSchema


class BatchRequest(WireSchema):
    """Calls in the order in which they were made, each with its `type`: track, identify or collect."""

    decoration = frozenset({"sentAt"})

    events = fields.List(Item(), required=True)
    sent_at = fields.String(metadata={"description": "The `sentAt` of each item that has none of its own."})
    tenant_id = fields.String(metadata={"description": "If sent, it must agree with the key."})
    write_key = fields.String(metadata={"description": "The key, if no header has it."})


class BatchResponse(Schema):
    """One result or problem for each item, in order."""

    results = fields.List(fields.Dict(), required=True)
