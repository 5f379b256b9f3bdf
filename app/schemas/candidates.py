"""Candidates, and decisions about them, on the wire."""

import math
from typing import Any

from marshmallow import fields, validate

from app.schemas.paging import CURSOR, ConfidenceQuery, Cursor, limit, text_of
from app.schemas.wire import RepeatableSchema, Time, WireSchema, text
from graph.rules.candidates import ACCEPTED, OPEN, REFUSED

STATES = (OPEN, ACCEPTED, REFUSED)
#: What stands before the id of a visitor as a subject.
VISITOR = "visitor:"


class ConfidenceCursor(Cursor):
    """The `End` of a page of a list by confidence; its place is a confidence and an id."""

    def place(self, sent: Any) -> tuple[float, str]:
        """Return the confidence and the id that were sent; raises `ValueError` or `TypeError` for another list's."""
        confidence, candidate_id = sent
        if math.isnan(float(confidence)):
            raise ValueError
        return float(confidence), text_of(candidate_id)


class CandidatesQuery(ConfidenceQuery):
    """Selects a page of candidates, by their state and their confidence."""

    state = fields.String(
        load_default=OPEN,
        validate=validate.OneOf(STATES),
        metadata={"description": "`open`: nobody has decided. `accepted`, `refused`: somebody has."},
    )
    about = fields.String(
        load_default=None,
        validate=validate.Regexp(rf"{VISITOR}.", error="A visitor: visitor:ID."),
        metadata={"description": "`visitor:ID`: only the candidates that this visitor, or one merged with it, is in."},
    )
    limit = limit(strict=False)
    cursor = ConfidenceCursor(load_default=None, metadata=CURSOR)


class SharedAddressSchema(WireSchema):
    """An address at which both were on the same days."""

    address = fields.String(required=True, metadata={"description": "In the form in which the tenant keeps addresses."})
    days = fields.List(fields.String(), required=True, metadata={"description": "Days in UTC, such as `2026-03-04`."})
    hours = fields.Integer(required=True, metadata={"description": "In how many hours of these days both were there."})
    shared_by = fields.Integer(
        required=True, metadata={"description": "How many other visitors were there in the week in which most were."}
    )
    weight = fields.Float(
        required=True,
        metadata={"description": "What the address adds to the sum of which `same_days` is the logarithm."},
    )


class CandidateSchema(WireSchema):
    """Two visitors that may be one person's."""

    candidate_id = fields.String(required=True)
    subjects = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The two: `visitor:ID` each, or `user:ID` each where they are two users."},
    )
    visitor_ids = fields.List(fields.String(), required=True, metadata={"description": "The two visitors."})
    state = fields.String(required=True, metadata={"enum": list(STATES)})
    confidence = fields.Float(required=True, metadata={"description": "0–1."})
    evidence = fields.List(fields.Nested(SharedAddressSchema), attribute="addresses", required=True)
    arithmetic = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={"description": "The log-odds, by name, whose sum is that of the confidence."},
    )
    found_at = Time(required=True, metadata={"description": "When the job last found the two."})
    decided_at = Time(required=True, allow_none=True)


class CandidatesResponse(WireSchema):
    """Candidates, surest first."""

    items = fields.List(fields.Nested(CandidateSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DecideRequest(WireSchema):
    """Why somebody decides so."""

    reason = text(metadata={"description": "Kept in the audit trail."})


class DecidedResponse(RepeatableSchema):
    """What became of a candidate."""

    candidate_id = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": [ACCEPTED, REFUSED]})
    subjects = fields.List(fields.String(), required=True, metadata={"description": "The two, as they were offered."})
    visitor_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The survivor, where the two are one visitor now."}
    )
    merged_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The visitor that this call merged into the survivor."}
    )
    changed = fields.Boolean(
        required=True,
        metadata={"description": "False if the call merged, linked or refused nothing: it was so before."},
    )
