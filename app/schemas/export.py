"""An export on the wire: one JSON object a line."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.schemas.wire import wire_time
from graph.acts.export import ExportLine

#: What nobody knows anything by: how the service keeps a thing, and not what it says.
LEFT_OUT = frozenset({"tenant", "_lock", "request_hash", "stands_alone"})
#: Properties that are JSON text.
JSON_TEXTS = frozenset({"properties", "components", "evidence", "before", "after", "answer"})


def line(found: ExportLine) -> str:
    """Return one line of an export, without its end."""
    return json.dumps({"what": found.what, **_object(found.said)}, ensure_ascii=False, separators=(",", ":"))


def _object(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _camel(name): json.loads(value) if name in JSON_TEXTS and isinstance(value, str) else _plain(value)
        for name, value in sorted(said.items())
        if name not in LEFT_OUT and value is not None
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return wire_time(value)
    # The driver's own times, within what the graph has of a node.
    return wire_time(value.to_native()) if hasattr(value, "to_native") else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
