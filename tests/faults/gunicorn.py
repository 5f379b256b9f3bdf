"""A started gunicorn, and its clients."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from graph.acts.tenants import TenantKeys
from tests.patience import PATIENCE_SECONDS


@dataclass(frozen=True)
class Running:
    """A gunicorn with one worker of two threads."""

    port: int
    keys: TenantKeys

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)

    def live(self) -> int:
        return requests.get(f"{self.url}/health/live", timeout=PATIENCE_SECONDS).status_code

    def init(self, **given: Any) -> int:
        """Begin a session; `given` is for `requests`."""
        return self._post("init", {"fingerprint": {"visitorId": "f-1"}}, **given)

    def track(self, **given: Any) -> int:
        """Record an event on a session that does not exist, which locks nothing."""
        return self._post("track", {"sessionId": "none", "eventName": "click"}, **given)

    def _post(self, call: str, body: dict[str, Any], **given: Any) -> int:
        sent = {"writeKey": self.keys.write_key, **body}
        url = f"{self.url}/eventTracking/{call}"
        return requests.post(url, json=sent, timeout=PATIENCE_SECONDS, **given).status_code


Start = Callable[..., Running]


def is_open(client: socket.socket) -> bool:
    """Whether the service has neither answered nor closed."""
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) is None
    except BlockingIOError:
        return True
