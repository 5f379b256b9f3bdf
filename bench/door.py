"""Time the door alone, in CPU, against an empty endpoint of bare Flask: `python -m bench.door`.

All calls go through the WSGI interface of one process, in turn, so neither HTTP nor Neo4j is in the figures: the
database answers at once what an act would. The CPU is that of all threads, and the logs and metrics are written as in a
worker.
"""

import argparse
import cProfile
import gc
import io
import json
import logging.config
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.service import UNLIMITED, setting

# prometheus_client reads this variable at import. A worker keeps its metrics in files.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="whograph-door-")

from flask import Flask

from app import logs
from app.config import Settings
from app.context import Service
from app.factory import create_app
from app.readiness import Readiness
from graph.acts import init, track
from graph.database import Database
from graph.errors import GraphUnavailable
from graph.model import Match, Method
from graph.rules.times import BEGINNING, END
from graph.store import tenants

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROUNDS = 60
CALLS = 50
KEY = "wk_" + "k" * 32
HEADERS = {
    "HTTP_HOST": "id.shop.example",
    "HTTP_ACCEPT": "*/*",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_ORIGIN": "https://shop.example",
    "HTTP_REFERER": "https://shop.example/",
    "HTTP_SEC_CH_UA": '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    "HTTP_SEC_CH_UA_MOBILE": "?0",
    "HTTP_SEC_CH_UA_PLATFORM": '"Linux"',
    "HTTP_SEC_FETCH_MODE": "cors",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
}
PAGE = {"url": "https://shop.example/shoes/7?utm_source=mail", "referrer": "https://shop.example/", "title": "Shoes"}
VISIT = {
    "writeKey": KEY,
    "fingerprint": {
        "visitorId": "3f8a1c5be27d4960",
        "confidence": 0.6,
        "components": {
            name: {"value": value, "duration": 3}
            for name, value in {
                "fonts": ["Arial", "Calibri", "Cambria", "Courier New", "Georgia", "Helvetica", "Segoe UI", "Verdana"],
                "languages": [["en-GB"]],
                "colorDepth": 24,
                "deviceMemory": 8,
                "hardwareConcurrency": 8,
                "screenResolution": [1920, 1080],
                "timezone": "Europe/London",
                "platform": "Linux x86_64",
                "touchSupport": {"maxTouchPoints": 0, "touchEvent": False, "touchStart": False},
                "vendor": "Google Inc.",
                "canvas": {"winding": True, "geometry": "9f86d081884c7d65", "text": "2fe1d5eafed6b2e3"},
                "audio": 124.04347527516074,
            }.items()
        },
    },
    "page": PAGE,
    "messageId": "msg_01932c07-209c-7df4-b1d0-6d0f2f4e1c5b",
    "timestamp": "2026-11-28T12:00:00.123Z",
    "sentAt": "2026-11-28T12:00:00.456Z",
}
EVENT = {
    "writeKey": KEY,
    "sessionId": "ses_01932c07-209c-7df4-b1d0-6d0f2f4e1c5b",
    "eventName": "product_viewed",
    "properties": {
        "productId": "p-7",
        "price": 79.9,
        "currency": "EUR",
        "categories": ["shoes", "sale"],
        "inStock": True,
    },
    "page": PAGE,
    "messageId": "msg_01932c07-209c-7df4-b1d0-6d0f2f4e1c5c",
    "timestamp": "2026-11-28T12:00:00.123Z",
    "sentAt": "2026-11-28T12:00:00.456Z",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--level", default="INFO", help="the service's LOG_LEVEL")
    parser.add_argument("--profile", metavar="CALL", help="profile this call instead: where its CPU goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as data_dir, Path(os.devnull).open("w", 1, encoding="utf-8") as nowhere:
        sys.stderr = nowhere
        door = service(data_dir, arguments.level)
        sys.stderr = sys.__stderr__
        answer, _ = call(door, "POST", "/eventTracking/init", VISIT)()
        returning = {name: value for name, value in VISIT.items() if name != "fingerprint"}
        calls = {
            "empty endpoint of bare Flask": call(bare(), "GET", "/"),
            "/health/live": call(door, "GET", "/health/live"),
            "init, new": call(door, "POST", "/eventTracking/init", VISIT),
            "init, by token": call(
                door, "POST", "/eventTracking/init", returning | {"visitorToken": json.loads(answer)["visitorToken"]}
            ),
            "track": call(door, "POST", "/eventTracking/track", EVENT),
        }
        # As gunicorn.conf.py does in a worker.
        gc.collect()
        gc.freeze()
        if arguments.profile:
            profile(calls[arguments.profile])
            return
        print(f"{setting()}, LOG_LEVEL {arguments.level}")
        print(f"bytes written by each answer's log line go nowhere; {arguments.rounds} rounds of {CALLS} calls each")
        compare(calls, arguments.rounds)


class Instant(Database):
    """A database without a server: every act answers at once what it would answer to a new visitor or event."""

    def read_within(self, seconds: float, act: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if act == tenants.find_key.one_or_none:
            return tenants.FoundKey("shop", "0123456789ab", "write", END, BEGINNING, "{}", "{}", None)
        raise GraphUnavailable("there is no server")

    def write_within(self, seconds: float, act: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return [ANSWERS[act](command) for command in args[0]]


def initiated(command: init.Init) -> init.Initiated:
    arrival, ids = command.arrival, command.arrival.ids
    return init.Initiated(
        session_id=ids.session,
        visitor_id=ids.visitor,
        jar_id=command.jar_id,
        identity_id=ids.tenure,
        user_id=None,
        is_new_visitor=True,
        match=Match(Method.NEW, 1.0),
        started_at=arrival.at,
        expires_at=arrival.at + timedelta(minutes=30),
        warnings=tuple(warned.code for warned in arrival.warnings),
    )


def tracked(command: track.Track) -> track.Tracked:
    arrival = command.arrival
    return track.Tracked(
        event_id=command.event_id,
        message_id=command.message.message_id,
        name=command.name,
        session_id=command.session_id,
        visitor_id="vis_01932c07-209c-7df4-b1d0-6d0f2f4e1c5b",
        identity_id="ten_01932c07-209c-7df4-b1d0-6d0f2f4e1c5b",
        user_id=None,
        confidence=1.0,
        at=arrival.at,
        received_at=arrival.received_at,
    )


ANSWERS: Mapping[Callable[..., Any], Callable[[Any], Any]] = {init.act: initiated, track.act: tracked}


def service(data_dir: str, level: str) -> Flask:
    """Create the service's application, which believes that Neo4j is ready."""
    settings = Settings.from_environment({**os.environ, **UNLIMITED, "DATA_DIR": data_dir, "LOG_LEVEL": level})
    logging.config.dictConfig(logs.configuration(level))
    app = create_app(settings, Instant("bolt://127.0.0.1:1", "neo4j", ""))
    parts: Service = app.extensions["whograph"]
    app.extensions["whograph"] = replace(parts, readiness=Readiness(lambda: None))
    return app


def bare() -> Flask:
    app = Flask("bare")

    @app.get("/")
    def empty() -> dict[str, str]:
        return {"status": "live"}

    return app


def call(app: "WSGIApplication", method: str, path: str, body: Any = None) -> Callable[[], tuple[bytes, str]]:
    """Return a function that makes one call as gunicorn would, and returns the answer."""
    content = b"" if body is None else json.dumps(body).encode()
    environ = {
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.url_scheme": "http",
        "wsgi.input_terminated": True,
        "SERVER_SOFTWARE": "gunicorn",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "203.0.113.7",
        "REMOTE_PORT": "50000",
        "REQUEST_METHOD": method,
        "RAW_URI": path,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SCRIPT_NAME": "",
        **HEADERS,
        **({"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content))} if content else {}),
    }

    def one() -> tuple[bytes, str]:
        said: list[str] = []

        def answered(status: str, *_: Any) -> Callable[[bytes], object]:
            said.append(status)
            return len

        answer: Any = app({**environ, "wsgi.input": io.BytesIO(content)}, answered)
        text = b"".join(answer)
        answer.close()
        if said != ["200 OK"]:
            raise RuntimeError(f"{path}: {said} {text[:300]!r}")
        return text, said[0]

    return one


def compare(calls: Mapping[str, Callable[[], object]], rounds: int) -> None:
    """Print the CPU of each call, and its ratio to the first call: of the quietest round, as other work only adds."""
    least = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, one in calls.items():
            least[name] = min(least[name], cpu_seconds(one))
    first, *_ = least.values()
    for name, seconds in least.items():
        print(f"{name:30} {1e6 * seconds:7.0f} µs   {seconds / first:6.2f}")


def cpu_seconds(one: Callable[[], object]) -> float:
    """Return the process's CPU time of a call, over many calls."""
    started = time.process_time()
    for _ in range(CALLS):
        one()
    return (time.process_time() - started) / CALLS


def profile(one: Callable[[], object]) -> None:
    for _ in range(CALLS):
        one()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(40 * CALLS):
        one()
    profiler.disable()
    profiler.print_stats("cumulative")


if __name__ == "__main__":
    main()
