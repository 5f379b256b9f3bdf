"""Checks of the graph on the wire."""

from typing import Any

from marshmallow import fields, validate

from app.schemas import paging
from app.schemas.wire import WireSchema
from graph.acts.consistency import LOOKS, Checkpoint

#: What the cursors of checks name.
_OF = ("consistency",)


class PlaceCursor(paging.Cursor):
    """The cursor of a check: a kind of nodes, and an id."""

    def place(self, sent: Any) -> Any:
        """Return the place that was sent; raises `ValueError` or `TypeError` if it is another list's."""
        name, first = sent
        if name not in LOOKS:
            raise ValueError
        return Checkpoint(name, paging.text_of(first))


def cursor(goes_on: Checkpoint | None) -> str | None:
    """Return the cursor by which a check goes on; None if it is through."""
    return None if goes_on is None else paging.cursor(_OF, goes_on.name, goes_on.first)


def place(end: paging.End | None) -> Checkpoint | None:
    """Return where a check begins, by the cursor that was sent; raises `BadQuery` for another list's."""
    found: Checkpoint | None = paging.place_in(_OF, end)
    return found


class ConsistencyRequest(WireSchema):
    """Whether the check also repairs, and how much it checks."""

    repair = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Write whatever follows from the other facts."},
    )
    limit = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1),
        metadata={"description": "How many nodes to check; without it, all of them."},
    )
    cursor = PlaceCursor(
        load_default=None,
        allow_none=True,
        metadata={"type": "string", "description": "The `nextCursor` of the check that this one goes on from."},
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
    next_cursor = fields.Function(
        lambda report: cursor(report.goes_on),
        required=True,
        metadata={"type": ["string", "null"], "description": "How the check goes on; null if it is through."},
    )
