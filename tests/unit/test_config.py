"""The settings are read from the environment."""

import dataclasses
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.config import CHECKOUT, BadSettings, Settings, secret_key
from graph.rules.keys import derived_key

RATES = (
    "RATE_LIMIT_PER_ADDRESS",
    "RATE_LIMIT_PER_KEY",
    "RATE_LIMIT_BYTES_PER_ADDRESS",
    "RATE_LIMIT_BYTES_PER_KEY",
)


def read(**environ: str) -> Settings:
    return Settings.from_environment(environ)


def test_every_setting_has_a_default() -> None:
    settings = read(HOME="/nonexistent-home-of-nobody")
    assert (settings.host, settings.port, settings.trusted_proxies) == ("127.0.0.1", 8000, 0)
    assert settings.data_dir == CHECKOUT / ".data"


def test_an_empty_variable_counts_as_unset() -> None:
    settings = read(PORT="", NEO4J_URI="", SECRET_KEY=" ", TRUSTED_PROXIES="")
    assert (settings.port, settings.neo4j_uri, settings.secret_key, settings.trusted_proxies) == (8000, None, None, 0)


def test_every_setting_is_named_like_its_variable() -> None:
    numbers = {"int": "7", "str": "a" * 40, "Path": "/data"}
    special = {"LOG_LEVEL": "DEBUG", "NEO4J_HEAP": "1g", "NEO4J_PAGE_CACHE": "1g", **dict.fromkeys(RATES, "7/minute")}
    for field in dataclasses.fields(Settings):
        name = field.name.upper()
        kind = getattr(field.type, "__name__", str(field.type).removesuffix(" | None").rpartition(".")[2])
        text = special.get(name, numbers[kind])
        assert str(getattr(read(**{name: text}), field.name)) == text, name


def test_all_wrong_settings_are_named_at_once_without_their_values() -> None:
    with pytest.raises(BadSettings) as raised:
        read(
            PORT="70000",
            WORKERS="none",
            SECRET_KEY="too-short",
            LOG_LEVEL="loud",
            NEO4J_HEAP="much",
            NEO4J_JAVA_OPTIONS="-Done='two",
            RATE_LIMIT_PER_KEY="few",
        )
    message = str(raised.value)
    names = ("PORT", "WORKERS", "SECRET_KEY", "LOG_LEVEL", "NEO4J_HEAP", "NEO4J_JAVA_OPTIONS", "RATE_LIMIT_PER_KEY")
    for name in names:
        assert f"{name}: " in message
    for value in ("70000", "none", "too-short", "loud", "much", "two", "few"):
        assert value not in message


def test_printed_settings_hold_no_secrets() -> None:
    printed = repr(read(SECRET_KEY="s" * 32, NEO4J_PASSWORD="pass-phrase"))
    assert "s" * 32 not in printed
    assert "pass-phrase" not in printed


def test_downloads_are_cached_per_user(tmp_path: Path) -> None:
    assert read(XDG_CACHE_HOME=str(tmp_path)).cache_dir == tmp_path / "whograph"
    assert read(HOME=str(tmp_path)).cache_dir == tmp_path / ".cache" / "whograph"
    assert read(HOME=str(tmp_path), CACHE_DIR="/elsewhere").cache_dir == Path("/elsewhere")


def test_without_a_home_downloads_are_kept_beside_the_data() -> None:
    assert read(DATA_DIR="/data").cache_dir == Path("/data/cache")


def test_a_given_secret_key_is_used_and_not_written(tmp_path: Path) -> None:
    assert secret_key(read(DATA_DIR=str(tmp_path), SECRET_KEY="k" * 32)) == "k" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_secret_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path / "new" / "data"))
    made = secret_key(settings)
    file = tmp_path / "new" / "data" / "secret-key"
    assert secret_key(settings) == made
    assert file.read_text(encoding="utf-8") == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret-key"]


def test_processes_that_start_at_once_make_one_secret_key(tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path))
    with ThreadPoolExecutor(16) as starting:
        made = {future.result() for future in [starting.submit(secret_key, settings) for _ in range(64)]}
    assert len(made) == 1
    assert len(made.pop()) >= 32


def test_each_purpose_and_each_secret_key_has_its_own_derived_key() -> None:
    assert derived_key("k" * 32, "one") == derived_key("k" * 32, "one")
    assert len({derived_key("k" * 32, "one"), derived_key("k" * 32, "two"), derived_key("l" * 32, "one")}) == 3


def test_only_the_given_environment_is_read_and_not_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "PORT", "9999")
    assert read().port == 8000
