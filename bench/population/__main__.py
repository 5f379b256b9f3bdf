"""`python -m bench.population`: send the running service a population, and check every answer against its truth."""

import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from app.config import Settings
from bench.population import truth as truths
from bench.population.check import check, show
from bench.population.send import make, send
from bench.population.service import CannotGoOn, Service
from bench.population.truth import Population, Truth

#: The service accepts late events for 30 days. The first visits may be a day and two hours older than `days` says.
DAYS_OLD_MAX = 28.8
DAYS_MAX = 27


@click.command()
@click.option("--seed", default=1, show_default=True, help="Another seed is another town.")
@click.option("--people", default=120, show_default=True, type=click.IntRange(12, 10_000))
@click.option(
    "--days", default=21, show_default=True, type=click.IntRange(3, DAYS_MAX), help="Over how many days they visit."
)
@click.option("--url", help="Where the service is, if not where HOST and PORT say.")
@click.option(
    "--truth", "file", type=click.Path(path_type=Path, dir_okay=False), help="[default: DATA_DIR/demo-data/truth.jsonl]"
)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--check-only", is_flag=True, help="Send nothing: check what the truth file knows of.")
def main(
    *, seed: int, people: int, days: int, url: str | None, file: Path | None, threads: int, check_only: bool
) -> None:
    """Send a made-up population to the service that `make run TRUSTED_PROXIES=1` started, and check its answers.

    The exit code is 1 if an answer that must be right is wrong.
    """
    settings = Settings.from_environment(os.environ)
    file = file or settings.data_dir / "demo-data" / "truth.jsonl"
    console = Console()
    try:
        service = Service.find(settings, url)
        if check_only:
            truth = _kept(file)
        else:
            now = datetime.now(UTC)
            wanted = population(_read(file), seed=seed, people=people, days=days, tenant=service.tenant, now=now)
            truth = _send(service, wanted, file, threads, console)
        started = time.monotonic()
        report = check(service, truth, threads=threads, console=console)
        show(report, console)
        console.print(f"checked in {time.monotonic() - started:.0f} s")
    except CannotGoOn as error:
        raise click.ClickException(str(error)) from error
    sys.exit(not report.holds)


def _read(file: Path) -> Truth | None:
    try:
        return truths.read(file)
    except ValueError as error:
        raise CannotGoOn(f"{error}: remove it, or name another by --truth") from error


def _kept(file: Path) -> Truth:
    kept = _read(file)
    if kept is None or not kept.population.complete:
        raise CannotGoOn(f"{file} holds no population that was sent whole: make demo-data")
    return kept


def population(kept: Truth | None, *, seed: int, people: int, days: int, tenant: str, now: datetime) -> Population:
    """Return the population to send.

    If the truth file has a population with the same options, it is sent again as of the day when it was first sent, so
    nothing is stored twice.

    Raises:
        CannotGoOn: That day is too long ago to send the population again.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = Population(seed=seed, people=people, days=days, until=today, tenant=tenant, complete=False)
    if kept is None or replace(kept.population, until=today, complete=False) != wanted:
        return wanted
    wanted = replace(wanted, until=kept.population.until)
    if now - wanted.until > timedelta(days=DAYS_OLD_MAX - days):
        raise CannotGoOn(
            f"this population was sent on {wanted.until:%d %B}, and visits of {days} days before then are too old to be "
            "taken again: check it with --check-only, or send another --seed"
        )
    return wanted


def _send(service: Service, wanted: Population, file: Path, threads: int, console: Console) -> Truth:
    started = time.monotonic()
    # The truth is written before anything is sent, so that tomorrow's run can continue one interrupted today.
    truths.write(file, make(wanted)[0])
    sent = send(service, wanted, threads=threads, console=console)
    truths.write(file, sent)
    console.print(
        f"{len(sent.people)} people, {len(sent.devices)} browsers, {len(sent.sessions)} sessions and "
        f"{sum(session.events for session in sent.sessions)} events in {time.monotonic() - started:.0f} s; "
        f"the truth is in {file}",
        highlight=False,
        soft_wrap=True,
    )
    return sent


if __name__ == "__main__":
    main(prog_name="python -m bench.population")
