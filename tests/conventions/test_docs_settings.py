"""docs/configuration.md has every setting, with its default, and no setting that is gone."""

import dataclasses
import re

from app.config import CHECKOUT, Settings
from graph.acts.tenants import TenantSettings
from graph.rules.policy import Policy

PAGE = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", PAGE, re.MULTILINE))
DEFAULTS = Settings.from_environment({"HOME": "/nonexistent-home-of-nobody"})


def test_the_page_has_exactly_the_settings_there_are() -> None:
    assert set(ROWS) == {field.name.upper() for field in dataclasses.fields(Settings)}


def test_the_page_says_the_defaults_that_are_in_force() -> None:
    for name, said in ROWS.items():
        value = getattr(DEFAULTS, name.lower())
        if name in {"DATA_DIR", "CACHE_DIR"}:
            assert said in {"`.data`", "`~/.cache/whograph`"}, name
        elif value in {None, ""}:
            assert not said.startswith("`"), name
        else:
            assert said == f"`{value}`", name


def test_the_example_to_copy_has_every_setting_once() -> None:
    example = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE)) == sorted(ROWS)


def test_every_setting_sets_something() -> None:
    files = [path for folder in ("app", "graph", "migrations") for path in (CHECKOUT / folder).rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*files, CHECKOUT / "gunicorn.conf.py"])
    idle = {name for name in ROWS if not re.search(rf"(?:settings\S*|limits)\.{name.lower()}\b", code)}
    assert not idle


def test_what_a_tenant_can_set_is_on_the_page() -> None:
    for option in ("--allowed-origin", "--addresses", "--identify-verification", "--policy"):
        assert f"| `{option}` |" in PAGE
    assert {field.name for field in dataclasses.fields(TenantSettings)} == {
        "allowed_origins",
        "addresses",
        "identify_verification",
    }
    for name in re.findall(r"--policy '\{\"(\w+)\"", PAGE):
        assert hasattr(Policy(), name), name
