"""A started gunicorn, and its clients."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

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

    def init(self) -> int:
        visit = {"writeKey": self.keys.write_key, "fingerprint": {"visitorId": "f-1"}}
        return requests.post(f"{self.url}/eventTracking/init", json=visit, timeout=PATIENCE_SECONDS).status_code


Start = Callable[..., Running]


def is_open(client: socket.socket) -> bool:
    """Whether the service has neither answered nor closed."""
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) is None
    except BlockingIOError:
        return True
