"""The image and the compose file, as far as they can be tested without Docker."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml

from app.__main__ import main
from app.config import CHECKOUT
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that `COPY . .` puts into the image: those that .dockerignore does not exclude."""
    root = tmp_path_factory.mktemp("image")
    first, *rest = [
        line
        for line in (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert first == "*"
    for name in (line.removeprefix("!") for line in rest if line.startswith("!")):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (CHECKOUT / name).is_dir():
            shutil.copytree(CHECKOUT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / name, target)
    return root


def run(image: Path, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a Python command in the image, as a user without a home directory."""
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "NEO4J_URI": "bolt://127.0.0.1:1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=image,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def test_the_image_has_all_files_that_the_service_and_its_commands_need(image: Path, tmp_path: Path) -> None:
    served = run(image, tmp_path, "-c", "import wsgi; print(len(list(wsgi.app.url_map.iter_rules())))")
    assert served.returncode == 0, served.stderr
    assert int(served.stdout) > 20
    assert "none: run python -m app geoip fetch" in run(image, tmp_path, "-m", "app", "geoip", "status").stdout
    refused = run(image, tmp_path, "-m", "migrations", "status")
    assert "Neo4j does not answer" in refused.stderr
    dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    assert all(
        (image / name).exists() for name in re.findall(r"^COPY (\S+) \.$", dockerfile, re.MULTILINE) if name != "."
    )


def test_compose_starts_neo4j_then_migrates_then_serves_and_uses_only_documented_variables() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    assert services["neo4j"]["image"].startswith("neo4j:2026.08.1@")
    assert "healthcheck" in services["neo4j"]
    assert services["migrate"]["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert services["api"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"\$\{(\w+)", text):
        assert re.search(rf"^#?{name}=", example, re.MULTILINE), name


def test_every_image_from_elsewhere_is_named_by_its_version_and_its_digest() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    dockerfile = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
    images = [service["image"] for service in services.values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    assert {image.partition(":")[0] for image in images} == {"neo4j", "nginx", "python"}
    for image in images:
        assert re.fullmatch(r"\w+:\d+\.\d+\.\d+(-slim)?@sha256:[0-9a-f]{64}", image), image


def test_commands_on_neo4js_data_take_the_arguments_that_the_documents_name() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    page = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name, mounts in (
        ("backup", ["neo4j-data:/neo4j:ro", "./backups:/backups"]),
        ("restore", ["neo4j-data:/neo4j", "./backups:/backups:ro"]),
    ):
        service = services[name]
        assert service["volumes"] == mounts
        assert "neo4j-data:/data" in services["neo4j"]["volumes"]
        [written] = re.findall(rf"^docker compose run --rm {name} (.+)$", page, re.MULTILINE)
        assert service["entrypoint"][:4] == ["python", "-m", "app", name]
        command = main.get_command(click.Context(main), name)
        assert command is not None
        command.make_context(name, [*service["entrypoint"][4:], *written.split()])


def test_the_services_containers_write_only_to_volumes_and_have_no_rights_and_all_logs_rotate() -> None:
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for name in ("migrate", "api", "backup", "restore", "proxy"):
        assert services[name]["read_only"] is True
        assert services[name]["tmpfs"] == ["/tmp"]  # noqa: S108 - in the container
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["pids_limit"] > 0
    for name, service in services.items():
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
