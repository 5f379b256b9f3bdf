"""The server's configuration, command line and environment.

All of it was tried on both versions with strict validation; docs/embedded-neo4j.md has the measurements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_VERSION = "2026.08.1"
MAIN_CLASSES = {
    "2026.08.1": "org.neo4j.server.Neo4jCommunity",
    "5.26.30": "org.neo4j.server.CommunityEntryPoint",
}

CONFIGURATION = """\
server.config.strict_validation.enabled=true
server.default_listen_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:{bolt_port}
server.bolt.advertised_address=127.0.0.1:{bolt_port}
server.http.listen_address=127.0.0.1:{http_port}
server.http.advertised_address=127.0.0.1:{http_port}
server.https.enabled=false

# Nothing is told to anybody.
client.allow_telemetry=false
dbms.usage_report.enabled=false
server.bolt.telemetry.enabled=false
db.logs.query.enabled=OFF
db.logs.query.parameter_logging_enabled=false

# The import directory would be Neo4j's home, where LOAD CSV could read this file.
server.directories.import=import
dbms.security.allow_csv_import_from_file_urls=false

# 3 MB on disk when empty, not 517.
db.tx_log.preallocate=false
db.store.files.preallocate=false
server.memory.pagecache.size={page_cache}

# A client that vanished is noticed in 10 s, and what it held is let go.
server.bolt.connection_keep_alive=4s
server.bolt.connection_keep_alive_probes=2
server.bolt.connection_keep_alive_for_requests=ALL
db.transaction.timeout=60s
db.lock.acquisition.timeout=20s

# Neo4j plans a query anew while its caller waits. The service does it before (app/rehearsal.py, `keep_plans`).
dbms.cypher.min_replan_interval=1h

# Stopping with an open transaction takes 2.4 s, not over 70.
internal.dbms.bolt.netty_server_shutdown_timeout=2s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
internal.server.bolt.connection_shutdown_wait_time=1s
db.shutdown_transaction_end_timeout=1s
internal.db.transaction.shutdown_terminated_transaction_wait_timeout=1s
"""

#: Settings of one version only, since Neo4j refuses to start with a setting that it does not know.
CONFIGURATION_OF_VERSION = {
    "2026.08.1": """\
server.fleet_discovery.enabled=false
dbms.fleet_manager.enabled=false
server.http.x_forward.enabled=false
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
""",
    "5.26.30": """\
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
""",
}

OPENED_PACKAGES = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")

#: The only variables that the server inherits. Others, such as JAVA_TOOL_OPTIONS or NEO4J_server_…, would change how it
#: runs, and it must not get our secrets.
KEPT_VARIABLES = ("HOME", "LD_LIBRARY_PATH", "PATH", "TZ")


@dataclass(frozen=True)
class Tuning:
    """Additional lines of neo4j.conf and options of Java for one server."""

    configuration: tuple[str, ...] = ()
    java_options: tuple[str, ...] = ()


AS_SHIPPED = Tuning()


def configuration(
    version: str, bolt_port: int, http_port: int, *, page_cache: str = "256m", tuning: Tuning = AS_SHIPPED
) -> str:
    """Return the text of neo4j.conf."""
    common = CONFIGURATION.format(bolt_port=bolt_port, http_port=http_port, page_cache=page_cache)
    return "\n".join([common, CONFIGURATION_OF_VERSION[version], *tuning.configuration, ""])


def command(
    java: Path, version: str, jars: Sequence[str], home: Path, *, heap: str, tuning: Tuning = AS_SHIPPED
) -> list[str]:
    """Return the command line, which must run in the directory of the jars.

    The classpath has bare names, so that the path of that directory may contain any character.
    """
    return [
        str(java),
        f"-Xmx{heap}",
        "-XX:+UseSerialGC",
        # Keeps /tmp/hsperfdata_* and Jetty's directories out of /tmp, where a kill would leave them.
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={home / 'tmp'}",
        f"-XX:ErrorFile={home / 'logs' / 'java-error.log'}",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED_PACKAGES),
        *tuning.java_options,
        "-cp",
        ":".join(jars),
        MAIN_CLASSES[version],
        f"--home-dir={home}",
        f"--config-dir={home / 'conf'}",
    ]


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Return the server's environment: of ours, only the variables for libraries and the time zone."""
    kept = {name: ours[name] for name in KEPT_VARIABLES if name in ours}
    # Java encodes file names by the locale. Under the locale C it finds no path with an umlaut.
    return {**kept, "LC_ALL": "C.UTF-8"}
