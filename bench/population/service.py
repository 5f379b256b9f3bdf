"""Find a running service and its demo tenant's keys, and call it over connections that are kept open."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from app.cli.demo_tenant import FILE
from app.config import Settings

TIMEOUT_SECONDS = 60.0
#: A busy service asks for a repeat by Retry-After. Every call has a message id, so it can be repeated safely.
RETRY = Retry(total=6, backoff_factor=0.3, status_forcelist=(429, 503, 504), allowed_methods=None)


class CannotGoOn(Exception):  # noqa: N818 - what it says is for a person to act on
    """The service does not run, is set up wrongly, or refuses a call; the message says what to do."""


@dataclass(frozen=True)
class Service:
    """A service and the keys of one of its tenants; can be shared between threads."""

    url: str
    tenant: str
    write_key: str
    secret_key: str
    _own: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @classmethod
    def find(cls, settings: Settings, url: str | None) -> Self:
        """Find the service that `make run` started on the same `DATA_DIR`.

        Raises:
            CannotGoOn: No service answers or it is not ready. The message says how to start one.
        """
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - to translate it
        url = (url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}").rstrip("/")
        start = "start one in another terminal: make run TRUSTED_PROXIES=1"
        keys = _keys(settings.data_dir / FILE, start)
        try:
            answer = requests.get(f"{url}/health/ready", timeout=TIMEOUT_SECONDS)
        except requests.ConnectionError:
            raise CannotGoOn(f"no service answers at {url}: {start} (PORT and DATA_DIR as here)") from None
        if not answer.ok:
            raise CannotGoOn(f"the service at {url} is not ready: {answer.text[:300]}")
        return cls(url, keys["tenantId"], keys["writeKey"], keys["secretKey"])

    def post(self, call: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """Make one of the calls of pages; raises `CannotGoOn` for any status but 200."""
        path = f"/eventTracking/{call}"
        return self._answer("POST", path, headers={**headers, "X-Write-Key": self.write_key}, json=body)

    def get(self, *path: str, **query: Any) -> dict[str, Any]:
        """Get as a server; takes the segments of a path under /api/v1, and a query."""
        return self._answer("GET", self._path(path), headers=self._bearer(), params=query)

    def pages(self, *path: str, **query: Any) -> list[dict[str, Any]]:
        """Return all items of a list, read page by page."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(*path, **query, **cursor, limit=1000)
            items += page["items"]
            if page["nextCursor"] is None:
                return items
            cursor = {"cursor": page["nextCursor"]}

    def has(self, *path: str) -> bool:
        """Whether the path exists, which is so unless the status is 404."""
        url = self.url + self._path(path)
        answer = self._connection().get(url, headers=self._bearer(), timeout=TIMEOUT_SECONDS)
        return bool(answer.status_code != requests.codes.not_found)

    def _answer(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        try:
            answer = self._connection().request(method, self.url + path, timeout=TIMEOUT_SECONDS, **sent)
        except requests.RequestException as error:
            raise CannotGoOn(f"{method} {path}: the service does not answer any more ({error})") from error
        if answer.status_code != requests.codes.ok:
            raise CannotGoOn(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())

    def _connection(self) -> requests.Session:
        """Return this thread's own session, since threads must not share one."""
        if not hasattr(self._own, "session"):
            session = requests.Session()
            # The environment's proxy is for other hosts.
            session.trust_env = False
            session.mount("http://", HTTPAdapter(max_retries=RETRY))
            self._own.session = session
        return self._own.session  # type: ignore[no-any-return]

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret_key}"}

    @staticmethod
    def _path(segments: tuple[str, ...]) -> str:
        return "/api/v1/" + "/".join(quote(segment, safe="") for segment in segments)


def _keys(file: Path, start: str) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CannotGoOn(f"{file} with the keys of tenant demo is not there: {start}") from None
