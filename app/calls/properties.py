"""Keep the properties of an event, within a limit."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app import context
from graph.acts.arrival import Arrival
from graph.model import Warned
from graph.store.messages import canonical


def kept(arrival: Arrival, field: str, said: Mapping[str, Any], *, needed: Mapping[str, Any]) -> tuple[str, Arrival]:
    """Return what an event says as the JSON text to be kept, and the call's arrival.

    Of properties beyond the limit only the `needed` ones are kept, and a warning names the `field`. So no journey has
    pages of hundreds of megabytes.
    """
    text = canonical(said)
    limit = context.settings().max_event_bytes
    # A character has at most four bytes in UTF-8, so a short text needs no look at its bytes.
    if len(text) * 4 <= limit or len(text.encode()) <= limit:
        return text, arrival
    warned = Warned("field_dropped", field, f"it has more than {limit} bytes", arrival.received_at)
    return canonical(needed), replace(arrival, warnings=(*arrival.warnings, warned))
