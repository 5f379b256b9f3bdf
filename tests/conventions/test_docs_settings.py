"""docs/configuration.md has exactly the settings, each with its default."""

import dataclasses
import re

from app.config import CHECKOUT, Settings
from graph.acts.tenants import TenantSettings
from graph.rules.policy import Policy

PAGE = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", PAGE, re.MULTILINE))
DEFAULTS = Settings.from_environment({"HOME": "/nonexistent-home-of-nobody"})


def test_the_page_has_exactly_the_settings_that_exist() -> None:
    assert set(ROWS) == {field.name.upper() for field in dataclasses.fields(Settings)}


def test_the_page_has_the_defaults_of_the_code() -> None:
    for name, written in ROWS.items():
        value = getattr(DEFAULTS, name.lower())
        if name in {"DATA_DIR", "CACHE_DIR"}:
            assert written in {"`.data`", "`~/.cache/whograph`"}, name
        elif value in {None, ""}:
            assert not written.startswith("`"), name
        else:
            assert written == f"`{value}`", name


def test_the_example_of_a_dot_env_has_every_setting_once() -> None:
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    of_compose = ["COMPOSE_PROFILES", "TLS_DIR"]
    assert sorted(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE)) == sorted([*ROWS, *of_compose])


def test_every_setting_is_used_in_the_code() -> None:
    files = [path for folder in ("app", "graph", "migrations") for path in (CHECKOUT / folder).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*files, CHECKOUT / "gunicorn.conf.py"])
    idle = {name for name in ROWS if not re.search(rf"(?:settings\S*|limits)\.{name.lower()}\b", code)}
    assert not idle


def test_the_settings_of_a_tenant_are_on_the_page() -> None:
    for option in (
        "--allowed-origin",
        "--addresses",
        "--identify-verification",
        "--user-hash-expiry",
        "--token-audience",
        "--token-issuer",
        "--policy",
    ):
        assert f"| `{option}` |" in PAGE
    # `python -m app explore --revoke` sets when links were ended, and no option.
    assert {field.name for field in dataclasses.fields(TenantSettings)} - {"links_ended_at"} == {
        "allowed_origins",
        "addresses",
        "identify_verification",
        "user_hash_expiry",
        "token_audience",
        "token_issuer",
    }
    for name in re.findall(r"--policy '\{\"(\w+)\"", PAGE):
        assert hasattr(Policy(), name), name
