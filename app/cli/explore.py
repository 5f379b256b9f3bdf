"""`python -m app explore`: give out a link by which somebody looks at a tenant's data for a while, and end all links."""

import json
import os
import secrets
import urllib.request
from contextlib import suppress
from datetime import timedelta

import click

from app import read_tokens
from app.cli.connection import secret_keys
from app.cli.terminal import as_json_option, open_terminal, reason_option
from app.config import Settings, address_of, service_url_file
from app.read_tokens import MINUTES_MAX, ReadToken
from app.schemas.wire import wire_time
from graph.acts import explore as service

#: How long a service is waited for that may run no more.
ASK_SECONDS = 2.0


@click.command()
@click.argument("tenant")
@click.option(
    "--minutes",
    type=click.IntRange(1, MINUTES_MAX),
    default=15,
    show_default=True,
    help="How long the link holds.",
)
@click.option(
    "--url",
    help="Where browsers reach the service, such as https://whograph.example; by default where `make run` has it, else HOST and PORT.",
)
@click.option("--revoke", is_flag=True, help="Make no link: end all links of the tenant that were made until now.")
@reason_option
@as_json_option
def explore(tenant: str, *, minutes: int, url: str | None, revoke: bool, reason: str | None, as_json: bool) -> None:
    """Print a link to the explorer that reads a tenant's data, and changes nothing, until it ends.

    Whoever has the link can read: send it as you would a key. With --revoke, end all links instead.
    """
    if revoke:
        _revoke(tenant, reason, as_json=as_json)
        return
    settings = Settings.from_environment(os.environ)
    with open_terminal(tenant, "explore") as terminal:
        ends = (terminal.now + timedelta(minutes=minutes)).replace(microsecond=0)
        token = ReadToken(tenant, f"lnk_{secrets.token_hex(6)}", ends, terminal.now)
        terminal.graph.write(service.act, token.link_id, ends, terminal.by_whom(reason)["change"])
    # Behind the `#`, so that no server and no proxy gets it, and no log has it.
    where = (url or _service_url(settings)).rstrip("/")
    link = f"{where}/explore/#token={read_tokens.issue(token, secret_keys())}"
    if as_json:
        click.echo(json.dumps({"url": link, "linkId": token.link_id, "endsAt": wire_time(ends)}))
        return
    click.echo(f"reads {tenant} until {wire_time(ends)}; the audit trail of link:{token.link_id} has it", err=True)
    click.echo(link)


def _service_url(settings: Settings) -> str:
    """Return where the service runs that has this DATA_DIR; where none answers, where it would run."""
    with suppress(OSError, ValueError):
        # A process that was killed leaves the file, and another may have its port by now.
        url = service_url_file(settings).read_text(encoding="ascii")
        with urllib.request.urlopen(f"{url}/health/live", timeout=ASK_SECONDS) as response:  # noqa: S310 - `app run` wrote the address
            if json.loads(response.read()) == {"status": "live"}:
                return url
    return address_of(settings.host, settings.port)


def _revoke(tenant: str, reason: str | None, *, as_json: bool) -> None:
    with open_terminal(tenant, "explore") as terminal:
        change = terminal.by_whom(reason)["change"]
        terminal.graph.write(service.revoke, change)
    ended = wire_time(change.at)
    if as_json:
        click.echo(json.dumps({"endedAt": ended}))
        return
    click.echo(
        f"all links to {tenant} made until {ended} end within ten seconds; the audit trail of {service.ALL_LINKS} has it"
    )
