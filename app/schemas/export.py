"""An export on the wire: one JSON object a line."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.schemas.wire import wire_time
from graph.acts.export import ExportLine

#: What nobody knows anything by: how the service keeps a thing, and not what it says.
LEFT_OUT = frozenset({"tenant", "_lock", "request_hash", "stands_alone"})
#: Properties that are JSON text.
JSON_TEXTS = frozenset({"properties", "components", "evidence", "before", "after", "answer"})
#: Names of fields with times, in the answer of a call.
TIMES = re.compile(r"(?:^|_)(?:at|seen)$")
#: Fields of the answer of a call whose names on the wire are others than the service's own.
ON_THE_WIRE = {"name": "eventName", "at": "timestamp"}


def line(found: ExportLine) -> str:
    """Return one line of an export, without its end."""
    return json.dumps({"what": found.what, **_object(found.said)}, ensure_ascii=False, separators=(",", ":"))


def _object(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _camel(name): _parsed(name, value) if name in JSON_TEXTS and isinstance(value, str) else _plain(value)
        for name, value in sorted(said.items())
        if name not in LEFT_OUT and value is not None
    }


def _parsed(name: str, text: str) -> Any:
    """Return what JSON text says; the answer of a call is kept by the names that the service has for its fields."""
    return _answered(json.loads(text)) if name == "answer" else json.loads(text)


def _answered(value: Any) -> Any:
    if isinstance(value, dict):
        return {ON_THE_WIRE.get(name) or _camel(name): _told(name, its) for name, its in value.items()}
    return [_answered(its) for its in value] if isinstance(value, list) else value


def _told(name: str, value: Any) -> Any:
    if TIMES.search(name) and isinstance(value, str):
        return wire_time(datetime.fromisoformat(value))
    return _answered(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return wire_time(value)
    # The driver's own times, within what the graph has of a node.
    return wire_time(value.to_native()) if hasattr(value, "to_native") else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
