"""The answer to "are these two one, and why?" on the wire."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from app.schemas.audit import About
from app.schemas.paging import ConfidenceQuery
from app.schemas.wire import EvidenceSchema, Time, WireSchema
from graph.acts.explain import Explained, Subject

KINDS = ("visitor", "user", "session", "identity")


class SubjectField(About):
    """A visitor, user, session or identity: its kind, a colon and its id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=True,
            validate=validate.Regexp(
                rf"({'|'.join(KINDS)}):.", error="One of visitor:ID, user:ID, session:ID and identity:ID."
            ),
            error_messages={"required": "Which two? Add a=visitor:ID&b=user:ID, or session:ID, or identity:ID."},
            metadata={"description": "`visitor:ID`, `user:ID`, `session:ID` or `identity:ID`."},
            **kwargs,
        )


class ExplainQuery(ConfidenceQuery):
    """Names the two, and how sure and as of when the answer is to be."""

    a = SubjectField()
    b = SubjectField()
    at = Time(
        load_default=None,
        metadata={"description": "As of this time: by the facts that were open then. Default: now."},
    )


class ChangeSchema(WireSchema):
    """Who made the change that a step follows from."""

    act = fields.String(required=True)
    actor = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    at = Time(required=True)


class StepSchema(WireSchema):
    """One step of the way, from one node to the next."""

    kind = fields.String(
        required=True,
        metadata={"enum": ["uses", "tied", "claim", "adopted", "probably", "linked"], "description": "What it is."},
    )
    source = fields.String(required=True)
    target = fields.String(required=True)
    confidence = fields.Float(required=True)
    method = fields.String(required=True, allow_none=True)
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    since = Time(required=True, allow_none=True)
    session_id = fields.String(required=True, allow_none=True)
    change_id = fields.String(required=True, allow_none=True)
    change = fields.Nested(ChangeSchema, required=True, allow_none=True)


class ObstacleSchema(WireSchema):
    """What stands against that the two are one."""

    kind = fields.String(
        required=True,
        metadata={
            "enum": [
                *("different_users", "cannot_link", "worth_nothing", "below_bound", "another_is_likelier"),
                *("only_stated", "crowd", "components", "nothing_in_common", "not_enough"),
            ]
        },
    )
    detail = fields.String(required=True)
    needed = fields.String(required=True, allow_none=True)


class ExplainResponse(WireSchema):
    """Whether two subjects are one, how sure that is, and why, as data and in sentences."""

    same = fields.Boolean(required=True)
    confidence = fields.Float(
        required=True, allow_none=True, metadata={"description": "0–1; null if they are not one."}
    )
    min_confidence = fields.Float(required=True, metadata={"description": "What the answer demands of inferences."})
    at = Time(required=True)
    identities = fields.List(fields.String(), required=True, metadata={"description": "Whose each of the two is."})
    path = fields.List(fields.Nested(StepSchema), required=True)
    against = fields.List(fields.Nested(ObstacleSchema), required=True)
    text = fields.List(fields.String(), required=True)


def subject(text: str) -> Subject:
    """Return what `user:anna` names."""
    kind, _, id_ = text.partition(":")
    return Subject(kind, id_)  # type: ignore[arg-type]


def answered(found: Explained) -> Mapping[str, Any]:
    """Return an answer as `ExplainResponse` dumps it."""
    return {
        "same": found.confidence is not None,
        "confidence": found.confidence,
        "min_confidence": found.bound,
        "at": found.at,
        "identities": [found.identity_id, found.other_identity_id],
        "path": [{**vars(step), "change": found.said.get(step.change_id or "")} for step in found.steps],
        "against": found.obstacles,
        "text": list(found.text),
    }
