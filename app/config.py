"""Read the settings, once, from the environment only; docs/configuration.md describes each."""

import os
import secrets
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import environs
import limits
from marshmallow import validate

from graph.rules.identifiers import ID_CHARACTERS_MAX

CHECKOUT = Path(__file__).resolve().parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class BadSettings(ValueError):  # noqa: N818 - it stops the start, naming the variables
    """An environment variable has an unusable value. The message names the variable, never its value."""


@dataclass(frozen=True)
class Settings:
    """Every setting, named like its variable in lower case; names of sizes and durations end in the unit."""

    host: str
    port: int
    data_dir: Path
    cache_dir: Path
    log_level: str
    workers: int
    threads: int
    group_size_max: int
    call_seconds: int
    jobs_interval_seconds: int
    consistency_interval_seconds: int
    neo4j_uri: str | None
    neo4j_user: str
    neo4j_password: str = field(repr=False)
    neo4j_database: str | None
    neo4j_version: str
    neo4j_heap: str
    neo4j_page_cache: str
    neo4j_java_options: str
    neo4j_bolt_port: int
    neo4j_http_port: int
    maven_repository_url: str | None
    secret_key: str | None = field(repr=False)
    secret_key_previous: str | None = field(repr=False)
    metrics_key: str | None = field(repr=False)
    trusted_proxies: int
    geoip_city_db: Path | None
    geoip_asn_db: Path | None
    max_request_seconds: int
    max_body_bytes: int
    max_batch_bytes: int
    max_batch_events: int
    max_depth_levels: int
    max_object_keys: int
    max_event_bytes: int
    max_event_name_characters: int
    max_id_characters: int
    rate_limit_per_address: str
    rate_limit_per_key: str
    rate_limit_bytes_per_address: str
    rate_limit_bytes_per_key: str
    rate_limit_storage_uri: str = field(repr=False)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings. An empty variable counts as unset, since docker compose passes unset ones so.

        Raises:
            BadSettings: Variables have unusable values. The message names all of them, so one start shows every mistake.
        """
        env = _Given(environ)
        data_dir = _directory(env.str("DATA_DIR", None), CHECKOUT / ".data")
        read: dict[str, Any] = {
            "host": env.str("HOST", "127.0.0.1"),
            "port": env.int("PORT", 8000, validate=_port),
            "data_dir": data_dir,
            "cache_dir": _directory(env.str("CACHE_DIR", None), _cache_home(environ, data_dir)),
            "log_level": env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(LOG_LEVELS)),
            "workers": env.int("WORKERS", 2, validate=_at_least_1),
            "threads": env.int("THREADS", 64, validate=_at_least_1),
            # At 1 every call has a transaction of its own.
            "group_size_max": env.int("GROUP_SIZE_MAX", 64, validate=validate.Range(min=1, max=1_000)),
            # Less than the 10 s for which the browser SDK waits.
            "call_seconds": env.int("CALL_SECONDS", 8, validate=validate.Range(min=1, max=600)),
            # At 0 no job runs by itself.
            "jobs_interval_seconds": env.int("JOBS_INTERVAL_SECONDS", 3600, validate=validate.Range(min=0)),
            "consistency_interval_seconds": env.int(
                "CONSISTENCY_INTERVAL_SECONDS", 86_400, validate=validate.Range(min=0)
            ),
            "neo4j_uri": env.str("NEO4J_URI", None),
            "neo4j_user": env.str("NEO4J_USER", "neo4j"),
            "neo4j_password": env.str("NEO4J_PASSWORD", ""),
            "neo4j_database": env.str("NEO4J_DATABASE", None),
            "neo4j_version": env.str("NEO4J_VERSION", "2026.08.1"),
            "neo4j_heap": env.str("NEO4J_HEAP", "512m", validate=validate.Regexp(r"\d+[kmgKMG]?\Z")),
            "neo4j_page_cache": env.str("NEO4J_PAGE_CACHE", "256m", validate=validate.Regexp(r"\d+[kmgKMG]?\Z")),
            "neo4j_java_options": env.str("NEO4J_JAVA_OPTIONS", "", validate=_quoted_right),
            "neo4j_bolt_port": env.int("NEO4J_BOLT_PORT", 7687, validate=_port),
            "neo4j_http_port": env.int("NEO4J_HTTP_PORT", 7474, validate=_port),
            "maven_repository_url": env.str("MAVEN_REPOSITORY_URL", None),
            "secret_key": env.str("SECRET_KEY", None, validate=_long_enough),
            "secret_key_previous": env.str("SECRET_KEY_PREVIOUS", None, validate=_each_long_enough),
            "metrics_key": env.str("METRICS_KEY", None, validate=_long_enough),
            "trusted_proxies": env.int("TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=16)),
            "geoip_city_db": _path(env.str("GEOIP_CITY_DB", None)),
            "geoip_asn_db": _path(env.str("GEOIP_ASN_DB", None)),
            "max_request_seconds": env.int("MAX_REQUEST_SECONDS", 30, validate=_at_least_1),
            "max_body_bytes": env.int("MAX_BODY_BYTES", 1_000_000, validate=_at_least_1),
            "max_batch_bytes": env.int("MAX_BATCH_BYTES", 5_000_000, validate=_at_least_1),
            "max_batch_events": env.int("MAX_BATCH_EVENTS", 500, validate=_at_least_1),
            # The parser recurses once per level. 200 is far below the interpreter's limit.
            "max_depth_levels": env.int("MAX_DEPTH_LEVELS", 16, validate=validate.Range(min=4, max=200)),
            "max_object_keys": env.int("MAX_OBJECT_KEYS", 255, validate=_at_least_1),
            "max_event_bytes": env.int("MAX_EVENT_BYTES", 32_768, validate=_at_least_1),
            "max_event_name_characters": env.int("MAX_EVENT_NAME_CHARACTERS", 256, validate=_indexable),
            "max_id_characters": env.int(
                "MAX_ID_CHARACTERS", 256, validate=validate.Range(min=1, max=ID_CHARACTERS_MAX)
            ),
            # A rate over ten seconds, and bursts of twice that rate.
            "rate_limit_per_address": env.str("RATE_LIMIT_PER_ADDRESS", "400/second, 2000/10 seconds", validate=_rates),
            "rate_limit_per_key": env.str("RATE_LIMIT_PER_KEY", "2000/second, 10000/10 seconds", validate=_rates),
            "rate_limit_bytes_per_address": env.str(
                "RATE_LIMIT_BYTES_PER_ADDRESS", "20000000/10 seconds", validate=_rates
            ),
            "rate_limit_bytes_per_key": env.str("RATE_LIMIT_BYTES_PER_KEY", "100000000/10 seconds", validate=_rates),
            "rate_limit_storage_uri": env.str("RATE_LIMIT_STORAGE_URI", "memory://"),
        }
        try:
            env.seal()
        except environs.EnvValidationError as error:
            messages = cast("Mapping[str, list[str]]", error.error_messages)
            wrong = "; ".join(f"{name}: {' '.join(why)}" for name, why in sorted(messages.items()))
            raise BadSettings(f"these settings cannot be used: {wrong}") from None
        return cls(**read)


def secret_key(settings: Settings) -> str:
    """Return `SECRET_KEY`, else the key in `DATA_DIR/secret-key`, which the first process creates with mode 0600."""
    if settings.secret_key is not None:
        return settings.secret_key
    file = settings.data_dir / "secret-key"
    if not file.exists():
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Making a link is atomic and succeeds once: of several processes one wins, and none reads half a key.
        with tempfile.NamedTemporaryFile("w", dir=settings.data_dir, prefix=".secret-key-") as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            os.fsync(draft.fileno())
            if not file.exists():
                _link_once(draft.name, file)
    return file.read_text(encoding="utf-8").strip()


def address_of(host: str, port: int) -> str:
    """Return the address at which this machine reaches a service that listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - to translate it
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def service_url_file(settings: Settings) -> Path:
    """Return the file that has the address of the service while `app run` runs it."""
    return settings.data_dir / "run" / "service-url"


def previous_secret_keys(settings: Settings) -> tuple[str, ...]:
    """Return the earlier values of `SECRET_KEY`, latest first."""
    return tuple(key.strip() for key in (settings.secret_key_previous or "").split(",") if key.strip())


def _link_once(draft: str, file: Path) -> None:
    try:
        os.link(draft, file)
    except FileExistsError:
        return


class _Given(environs.Env):
    """Makes environs read a given mapping instead of the process's environment."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self._given = environ

    def _get_value(self, env_key: str, default: Any) -> Any:
        return self._given.get(env_key, "").strip() or default


_port = validate.Range(min=0, max=65535)
_at_least_1 = validate.Range(min=1)
#: Neo4j refuses to index a text over 8 kB. 1,000 characters are at most 4,000 bytes in UTF-8.
_indexable = validate.Range(min=1, max=1000)


def _long_enough(value: str) -> None:
    if len(value) < 32:
        raise environs.ValidationError("Shorter than 32 characters.")


def _each_long_enough(value: str) -> None:
    for key in value.split(","):
        _long_enough(key.strip())


def _quoted_right(value: str) -> None:
    try:
        shlex.split(value)
    except ValueError:
        raise environs.ValidationError(
            "A quotation mark or a backslash has no partner: quote options as in a shell."
        ) from None


def _rates(value: str) -> None:
    try:
        limits.parse_many(value)
    except ValueError:
        raise environs.ValidationError("Not rates such as 400/second, 2000/10 seconds.") from None


def _path(value: str | None) -> Path | None:
    return Path(value).expanduser().absolute() if value else None


def _directory(value: str | None, default: Path) -> Path:
    return _path(value) or default


def _cache_home(environ: Mapping[str, str], data_dir: Path) -> Path:
    """Return a folder in the user's cache directory, or one in the data directory if there is no writable home."""
    home = environ.get("XDG_CACHE_HOME") or (environ.get("HOME") and f"{environ['HOME']}/.cache")
    if home:
        cache = Path(home).absolute()
        there = next(parent for parent in (cache, *cache.parents) if parent.exists())
        if os.access(there, os.W_OK | os.X_OK):
            return cache / "whograph"
    return data_dir / "cache"
