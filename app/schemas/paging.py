"""Lists by the page: a limit, and an opaque cursor that says where the last page ended."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.schemas.wire import WireSchema

LIMIT_DEFAULT = 100
LIMIT_MAX = 1000


class Cursor(fields.Field[list[Any]]):
    """Where a page ended: a short list as URL-safe text that only we read."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:  # noqa: ARG002
        try:
            place = json.loads(base64.urlsafe_b64decode(value.encode("ascii")))
        except (ValueError, AttributeError):
            place = None
        if not isinstance(place, list):
            raise ValidationError("Not a cursor of this list: take nextCursor as it was answered.")
        return place


def cursor(*place: str | float) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


class PageQuery(WireSchema):
    """Which page of a list."""

    limit = fields.Integer(load_default=LIMIT_DEFAULT, validate=validate.Range(min=1, max=LIMIT_MAX))
    cursor = Cursor(load_default=None, metadata={"type": "string", "description": "`nextCursor` of the page before."})


class ConfidenceQuery(WireSchema):
    """How sure an answer has to be."""

    min_confidence = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "0–1; the tenant's policy says 0.5 unless it says otherwise."},
    )
