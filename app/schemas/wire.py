"""Translate to and from the wire format: camelCase names, times to the millisecond, ids as text.

Nothing outside app/schemas translates.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.context import policy, settings
from graph.rules.identifiers import in_case, normalise

#: The limit for text that is stored but never looked up. Neo4j has none for it; a page's URL is rarely over 2,000.
TEXT_CHARACTERS_MAX = 8192
#: The largest integer that JavaScript tells from its neighbours, `Number.MAX_SAFE_INTEGER`.
INTEGER_ID_MAX = 2**53 - 1


#: A time whose zone stands after a blank, because a `+` in a query string means a blank.
_ZONE_AFTER_BLANK = re.compile(r"^(\S+[Tt ]\d\d:?\d\d[\d:.]*) (\d\d:?\d\d)$")
#: A second that clocks count between two minutes (RFC 3339, 5.7). Python knows none, so it is the last moment before it ends.
_LEAP_SECOND = re.compile(r"(\d\d:\d\d):60(?:\.\d+)?")


class WireSchema(Schema):
    """A schema whose `snake_case` fields are `camelCase` on the wire; it ignores unknown fields."""

    class Meta:
        unknown = EXCLUDE

    #: The fields, as on the wire, without which a call says the same of who it is (app/schemas/decoration.py).
    decoration: ClassVar[frozenset[str]] = frozenset()
    #: The field, as on the wire, without which the object is nothing; None if there is no such field.
    nothing_without: ClassVar[str | None] = None

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        first, *rest = field_name.split("_")
        field_obj.data_key = field_obj.data_key or first + "".join(word.capitalize() for word in rest)


class Time(fields.Field[datetime]):
    """An RFC 3339 time. Answers have it in UTC with exactly three decimals and `Z`, so that text order is time order."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "Not an RFC 3339 time with a zone, such as 2026-01-31T12:00:00.000Z. In a URL a + is written %2B."
    }

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else wire_time(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        try:
            text = _LEAP_SECOND.sub(r"\1:59.999", _ZONE_AFTER_BLANK.sub(r"\1+\2", value))
            parsed = datetime.fromisoformat(text.upper())
            if parsed.tzinfo is None or len(value) < len("2026-01-31T12:00Z"):
                raise self.make_error("invalid")
            return parsed.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise self.make_error("invalid") from None


class Identifier(fields.String):
    """An id: 1–256 characters once trimmed, in Unicode's composed form."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            found = normalise(text)
        except ValueError as error:
            raise ValidationError(f"The id {error}.") from None
        if len(found) > (limit := settings().max_id_characters):
            raise ValidationError(f"The id is longer than {limit} characters.")
        return found


class OptionalText(fields.String):
    """A text that counts as absent when it is blank, as templates leave it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs).strip() or None


class UserId(Identifier):
    """A user's id: text, or an integer in JSON that JavaScript can hold, which stands for its decimal text.

    The tenant's policy may make the case of its letters no part of it.
    """

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, bool):
            raise ValidationError("A boolean is no id: send the user's id as text.")
        if isinstance(value, float):
            raise ValidationError(
                "A number with a fraction, an exponent or more than 64 bits is no id: send the user's id as text."
            )
        if isinstance(value, int):
            if abs(value) > INTEGER_ID_MAX:
                raise ValidationError(f"Beyond ±{INTEGER_ID_MAX} JavaScript rounds integers: send the id as text.")
            value = str(value)
        return in_case(super()._deserialize(value, attr, data, **kwargs), policy().user_id_case)


class Number(fields.Float):
    """A number in JSON. Unlike a number in a query, it must not be text such as `"95"`."""

    default_error_messages = {"invalid": "Not a number: send one without quotes, such as 95."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Item(fields.Dict):
    """An item of a batch, of any type. An item that is not an object gets its own problem and stops no other item."""

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """Return the item as it was sent, also if it is null."""
        return value


def wire_time(value: datetime) -> str:
    """Format a time as answers have it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(**kwargs: Any) -> fields.String:
    """Return a field for text that is stored as it was sent."""
    return fields.String(
        validate=validate.Length(max=TEXT_CHARACTERS_MAX), allow_none=True, load_default=None, **kwargs
    )


class PageSchema(WireSchema):
    """The page on which something happened."""

    decoration = frozenset({"url", "referrer", "title"})

    url = text()
    referrer = text()
    title = text()


class EvidenceSchema(WireSchema):
    """An observed reason for a match."""

    kind = fields.String(required=True)
    strength = fields.Float(required=True, metadata={"description": "What the evidence is worth now, 0–1."})
    shared_by = fields.Integer(required=True, metadata={"description": "How many other visitors share the evidence."})
    last_seen = Time(required=True, allow_none=True)
    arithmetic = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={
            "description": "The numbers that make the strength, by name: added for a fingerprint that owns, log-odds for one like it, "
            "else multiplied."
        },
    )


class MatchSchema(WireSchema):
    """How the visitor was recognised, with which confidence, and why."""

    method = fields.String(
        required=True,
        metadata={
            "enum": ["token", "anonymous_id", "fingerprint", "fuzzy_fingerprint", "ip_browser", "ip", "new", "pending"]
        },
    )
    confidence = fields.Float(required=True, metadata={"description": "0–1."})
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)


class SignatureSchema(WireSchema):
    """A signature by the site's server, by which a page proves a user id."""

    user_hash = OptionalText(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Hex HMAC-SHA-256 of the user id under a signing secret of the tenant. With an end: `ENDS.HMAC`, "
            "where ENDS is in Unix seconds and the key is the secret, a dot and ENDS."
        },
    )
    user_token = OptionalText(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Instead of `userHash`: a JWT with `sub` and `exp`, signed HS256 with that secret, or ES256 or "
            "EdDSA with a key whose public one the tenant has."
        },
    )


class CallSchema(WireSchema):
    """Fields that every call may have."""

    decoration = frozenset({"timestamp", "sentAt", "page"})

    message_id = Identifier(
        load_default=None,
        metadata={
            "description": "The call is stored once, however often it is sent with this id. A missing id is made up."
        },
    )
    timestamp = Time(load_default=None, metadata={"description": "When the event happened, by the client's clock."})
    sent_at = Time(load_default=None, metadata={"description": "When the client sent the call, by its clock."})
    page = fields.Nested(PageSchema, load_default=dict)
    tenant_id = fields.String(metadata={"description": "If sent, it must agree with the key."})
    write_key = fields.String(metadata={"description": "The key, if no header has it."})


class IdempotencyHeaders(WireSchema):
    """The header by which a call without a `messageId` is done once, however often it is sent."""

    idempotency_key = Identifier(
        data_key="Idempotency-Key",
        load_default=None,
        metadata={"description": "The call is done once, however often it is sent with this key."},
    )


class RepeatableSchema(WireSchema):
    """An answer that the service gives again if the call is repeated."""

    duplicate = fields.Boolean(
        required=True, metadata={"description": "True if a call with this `Idempotency-Key` got this answer before."}
    )


class SessionCallSchema(CallSchema):
    """A call on a session, which it names by id, or by the jar or user that has it."""

    on_behalf_of = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "True if somebody else acts for the user, such as support: nothing is claimed."},
    )
    session_id = Identifier(load_default=None, metadata={"description": "The session's id, from the answer to `init`."})
    anonymous_id = Identifier(
        load_default=None, metadata={"description": "Instead of `sessionId`: the caller's own id for a browser."}
    )
    user_id = UserId(load_default=None, metadata={"description": "Instead of `sessionId`, with a secret key: a user."})
