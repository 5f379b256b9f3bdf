"""How things look on the wire: camelCase, times to the millisecond, ids as text. The only place that translates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.context import settings
from graph.rules.identifiers import normalise

#: Text that is kept but never looked up; Neo4j has no limit for it, a page's own address rarely passes 2,000.
TEXT_CHARACTERS_MAX = 8192


class WireSchema(Schema):
    """A schema whose `snake_case` fields are `camelCase` on the wire; fields it does not know are left out."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        first, *rest = field_name.split("_")
        field_obj.data_key = field_obj.data_key or first + "".join(word.capitalize() for word in rest)


class Time(fields.Field[datetime]):
    """An RFC 3339 time; answered in UTC with exactly three decimals and `Z`, so that text order is time order."""

    default_error_messages = {"invalid": "Not an RFC 3339 time with a zone, such as 2026-01-31T12:00:00.000Z."}  # noqa: RUF012

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else wire_time(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        try:
            parsed = datetime.fromisoformat(value)
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


class Number(fields.Float):
    """A number in JSON: text that reads like one is none, as it is in a query."""

    default_error_messages = {"invalid": "Not a number: send one without quotes, such as 95."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        if isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class Item(fields.Dict):
    """An item of a batch, whatever it is: one that is no object has a problem of its own and stops no other."""

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """The item as it was sent, null as well."""
        return value


def wire_time(value: datetime) -> str:
    """A time as it is answered."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(**kwargs: Any) -> fields.String:
    """Text that is kept as it is."""
    return fields.String(
        validate=validate.Length(max=TEXT_CHARACTERS_MAX), allow_none=True, load_default=None, **kwargs
    )


class PageSchema(WireSchema):
    """Where in the site something happened."""

    url = text()
    referrer = text()
    title = text()


class EvidenceSchema(WireSchema):
    """An observed reason to tie two things."""

    kind = fields.String(required=True)
    strength = fields.Float(required=True, metadata={"description": "What it is worth now, 0–1."})
    shared_by = fields.Integer(required=True, metadata={"description": "How many other visitors share it."})
    last_seen = Time(required=True, allow_none=True)
    arithmetic = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata={
            "description": "What the strength was made of, by name: added up for a fingerprint that owns, else multiplied."
        },
    )


class MatchSchema(WireSchema):
    """Who a visit was taken for, how sure, and why."""

    method = fields.String(
        required=True,
        metadata={
            "enum": ["token", "anonymous_id", "fingerprint", "fuzzy_fingerprint", "ip_browser", "ip", "new", "pending"]
        },
    )
    confidence = fields.Float(required=True, metadata={"description": "0–1."})
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)


class SignatureSchema(WireSchema):
    """What a page shows of its server's, to prove a user id."""

    user_hash = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Hex HMAC-SHA-256 of the user id under the tenant's signing secret."},
    )
    user_token = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Instead: a JWT with `sub` and `exp`, signed HS256 with that secret."},
    )


class CallSchema(WireSchema):
    """What every call may carry."""

    message_id = Identifier(
        load_default=None,
        metadata={"description": "Makes the call one call however often it is sent; made up where it is missing."},
    )
    timestamp = Time(load_default=None, metadata={"description": "When it happened, by the client's clock."})
    sent_at = Time(load_default=None, metadata={"description": "The client's clock as it sent the call."})
    page = fields.Nested(PageSchema, load_default=dict)
    tenant_id = fields.String(metadata={"description": "If sent, it must agree with the key."})
    write_key = fields.String(metadata={"description": "The key, where it is in no header."})


class IdempotencyHeaders(WireSchema):
    """What makes a call without a `messageId` one call."""

    idempotency_key = Identifier(
        data_key="Idempotency-Key",
        load_default=None,
        metadata={"description": "Makes the call one call however often it is sent."},
    )


class RepeatableSchema(WireSchema):
    """An answer that may be given again."""

    duplicate = fields.Boolean(
        required=True, metadata={"description": "True where a call with this `Idempotency-Key` was answered so before."}
    )


class SessionCallSchema(CallSchema):
    """A call on a session, or on whatever session the named jar or user has."""

    session_id = Identifier(load_default=None, metadata={"description": "The session, as `init` answered it."})
    anonymous_id = Identifier(load_default=None, metadata={"description": "Instead: the caller's own id of a browser."})
    user_id = Identifier(load_default=None, metadata={"description": "Instead, from a secret key: a user."})
