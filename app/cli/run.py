"""`python -m app run`: start Neo4j, migrate its schema, create a tenant and start the service, as `make run` does."""

import contextlib
import http.client
import json
import math
import os
import re
import shlex
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import FrameType

import click

import migrations
from app.cli import demo_tenant
from app.cli.connection import open_database
from app.config import CHECKOUT, Settings, address_of, secret_key, service_url_file
from graph import embedded
from graph.acts.tenants import TenantKeys
from graph.embedded import RunningServer, guard

#: How long the service may take to be ready after its last sign of progress. A busy machine plans a long query for many
#: seconds.
READY_SECONDS = 120.0
#: Where the output is no terminal, progress is a line at most so often.
TELL_SECONDS = 2.0
#: A little longer than gunicorn waits for requests in progress (`graceful_timeout`).
GRACE_SECONDS = 7.0
#: The longest an orderly stop may take. Neo4j needs 3 s if a transaction is open.
STOP_SECONDS = 15
LOOK_SECONDS = 0.25
#: How far the planning is, as /health/ready tells it.
COUNTED = re.compile(r"\d+ of \d+$")
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command()
@click.option(
    "--with-parent", is_flag=True, help="End when the process that started this one ends, even if it is killed."
)
def run(*, with_parent: bool) -> None:
    """Start Neo4j and the service in the foreground; Ctrl-C stops both."""
    _interrupt_on_signals()
    parent = os.getppid() if with_parent else None
    settings = Settings.from_environment(os.environ)
    with contextlib.ExitStack() as running:
        try:
            listener = running.enter_context(_listen(settings))
            neo4j = running.enter_context(_neo4j(settings))
            keys = _prepare(settings)
            address = _address(listener)
            gunicorn = running.enter_context(_gunicorn(settings, listener))
            running.enter_context(_known_at(settings, address))
            _wait_until_ready(address, gunicorn)
            _say(_welcome(settings, address, neo4j, keys))
            _watch(gunicorn, neo4j, parent)
        except KeyboardInterrupt:
            _say("stopping")


def _interrupt_on_signals() -> None:
    """Make the first stop signal raise `KeyboardInterrupt`, which begins an orderly stop.

    A second Ctrl-C, or an orderly stop that takes longer than `STOP_SECONDS`, ends this process at once. The guards then
    end the servers.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        # make forwards SIGTERM, so a SIGTERM to the whole process group arrives twice.
        for stop in STOPS:
            signal.signal(stop, signal.SIG_DFL if stop == signal.SIGINT else signal.SIG_IGN)
        signal.alarm(STOP_SECONDS)
        raise KeyboardInterrupt

    for stop in STOPS:
        # Under nohup SIGHUP is ignored, and must stay so.
        if stop != signal.SIGHUP or signal.getsignal(stop) != signal.SIG_IGN:
            signal.signal(stop, interrupt)


@contextlib.contextmanager
def _listen(settings: Settings) -> Iterator[socket.socket]:
    """Bind the service's port first, so that a busy port is reported before the slow steps."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        # A lingering connection of the last run must not block the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on port {settings.port} of {settings.host} ({error.strerror}): "
                "set PORT (or HOST) to another, for example make run PORT=8001",
            ) from error
        yield listener


@contextlib.contextmanager
def _neo4j(settings: Settings) -> Iterator[RunningServer | None]:
    """Start the embedded server, unless NEO4J_URI names another."""
    if settings.neo4j_uri:
        yield None
        return
    server = embedded.start(
        data_dir=settings.data_dir,
        cache_dir=settings.cache_dir,
        version=settings.neo4j_version,
        heap=settings.neo4j_heap,
        page_cache=settings.neo4j_page_cache,
        bolt_port=settings.neo4j_bolt_port,
        http_port=settings.neo4j_http_port,
        repository_url=settings.maven_repository_url,
        tuning=embedded.Tuning(java_options=tuple(shlex.split(settings.neo4j_java_options))),
        progress=_say,
    )
    with server:
        yield server


def _prepare(settings: Settings) -> TenantKeys:
    """Migrate the schema and return the demo tenant's keys."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.closing(open_database(settings)) as database:
        for migration in migrations.migrate(database):
            _say(f"applied migration {migration.version}: {migration.title}")
        return demo_tenant.keep(
            database, settings.data_dir, secret_key=secret_key(settings), clock=lambda: datetime.now(UTC)
        )


@contextlib.contextmanager
def _gunicorn(settings: Settings, listener: socket.socket) -> Iterator[guard.Guarded]:
    """Start gunicorn on the bound port; it reads gunicorn.conf.py."""
    with listener:
        gunicorn = guard.start(
            [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listener.fileno()}", "wsgi:app"],
            log=None,
            environ=os.environ | {"PORT": str(listener.getsockname()[1]), "SECRET_KEY": secret_key(settings)},
            grace_seconds=GRACE_SECONDS,
            death_signal=signal.SIGTERM,
            cwd=CHECKOUT,
            pass_fds=[listener.fileno()],
        )
    try:
        yield gunicorn
    finally:
        gunicorn.stop(GRACE_SECONDS + 2)


@contextlib.contextmanager
def _known_at(settings: Settings, address: tuple[str, int]) -> Iterator[None]:
    """Let commands of the same DATA_DIR know where the service is reached, while it runs."""
    file = service_url_file(settings)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_text(address_of(*address), encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _wait_until_ready(address: tuple[str, int], gunicorn: guard.Guarded) -> None:
    """Wait until the service is ready, and print how far it is."""
    deadline, progress = time.monotonic() + READY_SECONDS, _Progress()
    while (waits_for := _waits_for(address)) is not None:
        if not gunicorn.is_running():
            raise click.ClickException("the web server did not start; it said why above")
        if progress.is_news(waits_for):
            deadline = time.monotonic() + READY_SECONDS
        elif time.monotonic() > deadline:
            raise click.ClickException(f"the service is not ready: {waits_for or 'it does not answer'}")
        time.sleep(LOOK_SECONDS)
    progress.end()


class _Progress:
    """Prints what the service waits for: in one line of a terminal, else on a line of its own every few seconds."""

    def __init__(self) -> None:
        self._printed_at = -math.inf
        self._furthest = ""
        self._is_terminal = sys.stdout.isatty()

    def is_news(self, waits_for: str) -> bool:
        """Print how far the planning is, and return whether it is further than before.

        Only one worker plans. The others answer that they wait for it, which is no news.
        """
        if not COUNTED.search(waits_for) or waits_for == self._furthest:
            return False
        self._furthest = waits_for
        if self._is_terminal:
            _say(f"\r{waits_for}\033[K", newline=False)
        elif time.monotonic() - self._printed_at >= TELL_SECONDS:
            self._printed_at = time.monotonic()
            _say(waits_for)
        return True

    def end(self) -> None:
        """Leave the line in which the progress was."""
        if self._is_terminal and self._furthest:
            _say("")


def _waits_for(address: tuple[str, int]) -> str | None:
    """Return what the service waits for, or None if it is ready; an empty text if it does not answer."""
    connection = http.client.HTTPConnection(*address, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        if response.status == http.HTTPStatus.OK:
            return None
        return str(json.loads(response.read())["detail"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return ""
    finally:
        connection.close()


def _address(listener: socket.socket) -> tuple[str, int]:
    """Return the host and port at which this machine reaches the service."""
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - to translate it


def _welcome(settings: Settings, address: tuple[str, int], neo4j: RunningServer | None, keys: TenantKeys) -> str:
    url = address_of(*address)
    lines = [
        ("Demo page", f"{url}/demo/"),
        ("API documentation", f"{url}/docs/"),
        ("Explorer", f"{url}/explore/"),
    ]
    if neo4j is None:
        lines += [("Neo4j", f"{settings.neo4j_uri}")]
    else:
        lines += [
            ("Neo4j Browser", neo4j.server.browser_url),
            ("  connect to", neo4j.server.uri),
            ("  user", neo4j.server.user),
            ("  password", neo4j.server.password),
        ]
    lines += [
        ("Tenant", keys.tenant_id),
        ("  write key", keys.write_key),
        ("  secret key", keys.secret_key),
        ("  signing secret", keys.signing_secret),
    ]
    rows = [f"  {click.style(f'{label:<17}', bold=True)}  {value}" for label, value in lines]
    title = click.style("Whograph is ready.", bold=True) + f" Ctrl-C stops it; the data stay in {settings.data_dir}."
    return "\n".join(["", f"  {title}", "", *rows, ""])


def _watch(gunicorn: guard.Guarded, neo4j: RunningServer | None, parent: int | None) -> None:
    """Wait until the parent ends; raise `ClickException` if a server ends first."""
    while parent is None or os.getppid() == parent:
        if not gunicorn.is_running():
            raise click.ClickException("the web server has ended, so everything does")
        if neo4j is not None and not neo4j.is_running():
            raise click.ClickException("Neo4j has ended, so everything does; its log is in DATA_DIR")
        time.sleep(LOOK_SECONDS)


def _say(text: str, *, newline: bool = True) -> None:
    """Print text, and ignore a closed output, as after `make run | less` or a kill."""
    with contextlib.suppress(OSError):
        click.echo(text, nl=newline)
