"""The context that was observed with an event or a session, on the wire."""

from typing import Any

from marshmallow import fields

from app.schemas.wire import WireSchema
from graph.model import Seen


class GeoSchema(WireSchema):
    """The place of an address; unknown fields are null."""

    country = fields.String(allow_none=True, metadata={"description": "ISO 3166-1 alpha-2."})
    region = fields.String(allow_none=True)
    city = fields.String(allow_none=True)
    latitude = fields.Float(
        allow_none=True, metadata={"description": "Degrees. It is the place's latitude, not the visitor's."}
    )
    longitude = fields.Float(allow_none=True)
    time_zone = fields.String(allow_none=True)


class AsnSchema(WireSchema):
    """The network of an address."""

    number = fields.Integer(required=True)
    organization = fields.String(allow_none=True)


class ContextSchema(WireSchema):
    """The context of an event; `geo` and `asn` are null if no database knows the address."""

    ip = fields.String(allow_none=True)
    browser = fields.String(allow_none=True)
    browser_version = fields.String(allow_none=True)
    os = fields.String(allow_none=True)
    device = fields.String(allow_none=True)
    geo = fields.Nested(
        GeoSchema,
        allow_none=True,
        metadata={"description": "From a free database: [IP Geolocation by DB-IP](https://db-ip.com), CC BY 4.0."},
    )
    asn = fields.Nested(AsnSchema, allow_none=True)


def context_of(seen: Seen) -> dict[str, Any]:
    has_place = seen.country is not None or seen.latitude is not None
    return {
        **vars(seen),
        "ip": seen.address,
        "device": seen.device_class,
        "geo": vars(seen) if has_place else None,
        "asn": None if seen.asn is None else {"number": seen.asn, "organization": seen.as_organization},
    }
