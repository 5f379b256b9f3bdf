"""Lists by the page: a limit, and an opaque cursor that says where the last page ended."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.schemas.wire import WireSchema

LIMIT_DEFAULT = 100
LIMIT_MAX = 1000


class Cursor(fields.Field[Any]):
    """Where a page ended, a time and an id: a short list as URL-safe text that only we read."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            return self.place(json.loads(base64.urlsafe_b64decode(value.encode("ascii"))))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ValidationError("Not a cursor of this list: take nextCursor as it was answered.") from None

    def place(self, sent: Any) -> Any:
        """What the text stands for; raises `ValueError` or `TypeError` for another list's."""
        at, one_id = sent
        return datetime.fromisoformat(at).astimezone(UTC), text_of(one_id)


def text_of(sent: Any) -> str:
    """An id in a cursor; raises `TypeError` or `ValueError` for what is none, half a surrogate pair included."""
    if not isinstance(sent, str):
        raise TypeError
    sent.encode()
    return sent


def cursor(*place: str | float) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


class PageQuery(WireSchema):
    """Which page of a list in time order."""

    limit = fields.Integer(load_default=LIMIT_DEFAULT, validate=validate.Range(min=1, max=LIMIT_MAX))
    cursor = Cursor(load_default=None, metadata={"type": "string", "description": "`nextCursor` of the page before."})


class ConfidenceQuery(WireSchema):
    """How sure an answer has to be."""

    min_confidence = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "0–1; the tenant's policy says 0.5 unless it says otherwise."},
    )
