"""Lists are read page by page: with a limit, and an opaque cursor that marks where the last page ended."""

import base64
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, TypeVar

from marshmallow import ValidationError, fields, validate

from app.errors import BadQuery
from app.schemas.wire import WireSchema

T = TypeVar("T")

LIMIT_DEFAULT = 100
LIMIT_MAX = 1000
#: How many bytes the texts of a page's items have in all, of those whose length a client chooses. 100 events with as many
#: properties as are kept, 32 kB each, are one page.
PAGE_BYTES_MAX = 4_000_000


#: What the API's description says of a cursor.
CURSOR = {"type": "string", "description": "The `nextCursor` of the previous page."}


@dataclass(frozen=True)
class End:
    """The place where a page ended, and a mark of its list."""

    mark: int
    place: Any


class Cursor(fields.Field[Any]):
    """The `End` of a page whose place is a time and an id; on the wire, URL-safe text that only the service reads."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        try:
            # Cursors were answered with their padding before.
            encoded = value.rstrip("=").encode("ascii")
            mark, *place = json.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
            return End(mark, self.place(place))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ValidationError("Not a cursor of this list: take nextCursor as it was answered.") from None

    def place(self, sent: Any) -> Any:
        """Return the place that was sent; raises `ValueError` or `TypeError` if it is another list's."""
        at, one_id = sent
        return datetime.fromisoformat(at).astimezone(UTC), text_of(one_id)


class IdsCursor(Cursor):
    """The `End` of a page of lists by ids; its place is the last id of each list, None where the list has none."""

    def __init__(self, lists: int, **kwargs: Any) -> None:
        super().__init__(load_default=None, metadata=CURSOR, **kwargs)
        self.lists = lists

    def place(self, sent: Any) -> tuple[str | None, ...]:
        """Return the ids that were sent; raises `ValueError` or `TypeError` if they are another list's."""
        if len(sent) != self.lists:
            raise ValueError
        return tuple(None if one_id is None else text_of(one_id) for one_id in sent)


def text_of(sent: Any) -> str:
    """Check an id of a cursor; raises `TypeError` for anything but text, `ValueError` for half a surrogate pair."""
    if not isinstance(sent, str):
        raise TypeError
    sent.encode()
    return sent


def cursor(of: Sequence[str], *place: str | float | None) -> str:
    """Return the cursor of a place in a list; `of` names the list: what it lists, and whose."""
    # No padding, which some clients would have to escape in a query.
    return base64.urlsafe_b64encode(json.dumps([_mark(of), *place]).encode()).decode().rstrip("=")


def place_in(of: Sequence[str], end: End | None) -> Any:
    """Return the place where the list `of` continues; None for its first page.

    Raises:
        BadQuery: The cursor is another list's. Its place would be valid here too, so without this check the page would
            silently begin in the middle.
    """
    if end is None:
        return None
    if end.mark != _mark(of):
        raise BadQuery({"cursor": ["The cursor of another list: take nextCursor as this one answered it."]})
    return end.place


def page(
    of: Sequence[str],
    found: Sequence[T],
    limit: int,
    place: Callable[[T], Sequence[str | float]],
    size: Callable[[T], int] = lambda _item: 0,
) -> tuple[Sequence[T], str | None]:
    """Return the items of a page of the list `of`, and the cursor of the next page; None for the last page.

    Args:
        of: The name of the list, as in `cursor`.
        found: The items. If there is one more than `limit`, there is a next page.
        limit: The most items of the page.
        place: The place of an item in the list.
        size: The bytes of an item. A page ends before the item with which it would have more than `PAGE_BYTES_MAX`, and has
            one item in any case.
    """
    sizes = accumulate(map(size, found[:limit]))
    items = found[: max(1, sum(held <= PAGE_BYTES_MAX for held in sizes))]
    return items, cursor(of, *place(items[-1])) if len(found) > len(items) else None


def _mark(of: Sequence[str]) -> int:
    # A short checksum is enough to detect a mistake. It need not be secure, since a cursor grants no access.
    return zlib.crc32(json.dumps(of).encode())


def limit(*, strict: bool, default: int = LIMIT_DEFAULT) -> fields.Integer:
    """Return the field for the length of a page. `strict` is for JSON, which has numbers; a query has only text."""
    return fields.Integer(
        load_default=default,
        validate=validate.Range(min=1, max=LIMIT_MAX),
        strict=strict,
        error_messages={"invalid": f"Not a whole number: send one from 1 to {LIMIT_MAX}."},
    )


class PageQuery(WireSchema):
    """Selects a page of a list in time order."""

    limit = limit(strict=False)
    cursor = Cursor(load_default=None, metadata=CURSOR)


class ConfidenceQuery(WireSchema):
    """Sets the lowest confidence that an answer may have."""

    min_confidence = fields.Float(
        load_default=None,
        validate=validate.Range(min=0, max=1),
        metadata={"description": "0–1. The default is in the tenant's policy, 0.5 unless the tenant has changed it."},
    )


class PartsQuery(ConfidenceQuery):
    """Selects a page of what something consists of."""

    limit = limit(strict=False, default=LIMIT_MAX)
