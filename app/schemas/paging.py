"""Lists by the page: a limit, and an opaque cursor that says where the last page ended."""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.errors import BadQuery
from app.schemas.wire import WireSchema

LIMIT_DEFAULT = 100
LIMIT_MAX = 1000


@dataclass(frozen=True)
class End:
    """Where a page ended, and of which list."""

    mark: int
    place: Any


class Cursor(fields.Field[Any]):
    """The `End` of a page, its place a time and an id: a short list as URL-safe text that only we read."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            mark, *place = json.loads(base64.urlsafe_b64decode(value.encode("ascii")))
            return End(mark, self.place(place))
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


def cursor(of: Sequence[str], *place: str | float) -> str:
    """The cursor of a place in a list, which `of` names: what it lists, and whose."""
    return base64.urlsafe_b64encode(json.dumps([_mark(of), *place]).encode()).decode()


def place_in(of: Sequence[str], end: End | None) -> Any:
    """Where that list goes on, none where it begins; raises `BadQuery` for the cursor of another list.

    Its place would be one here, too, and the page begin in the middle without a word.
    """
    if end is None:
        return None
    if end.mark != _mark(of):
        raise BadQuery({"cursor": ["The cursor of another list: take nextCursor as this one answered it."]})
    return end.place


def _mark(of: Sequence[str]) -> int:
    # Enough to tell a mistake, and short: a cursor opens nothing.
    return zlib.crc32(json.dumps(of).encode())


def limit(*, strict: bool) -> fields.Integer:
    """How long a page may be; `strict` where it comes in JSON, which has numbers."""
    return fields.Integer(
        load_default=LIMIT_DEFAULT,
        validate=validate.Range(min=1, max=LIMIT_MAX),
        strict=strict,
        error_messages={"invalid": f"Not a whole number: send one from 1 to {LIMIT_MAX}."},
    )


class PageQuery(WireSchema):
    """Which page of a list in time order."""

    limit = limit(strict=False)
    cursor = Cursor(load_default=None, metadata={"type": "string", "description": "`nextCursor` of the page before."})


class ConfidenceQuery(WireSchema):
    """How sure an answer has to be."""

    min_confidence = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "0–1; the tenant's policy says 0.5 unless it says otherwise."},
    )
