"""Write a lock file: the jars of a version of Neo4j, one per line, with SHA-256, bytes and path in the repository.

With Maven installed:

    python -m graph.embedded.lock 2026.08.1 > graph/embedded/locks/2026.08.1.lock

A new version also needs its main class and settings in settings.py.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from graph.embedded.fetch import Jar

BROWSER_VERSION = "5.24.0"


def resolve(version: str) -> list[Jar]:
    """Ask Maven for the jars of Neo4j Community and Neo4j Browser, with all their dependencies."""
    wanted = {
        "org.neo4j.app:neo4j-server": version,
        "org.neo4j:neo4j": version,
        "org.neo4j.client:neo4j-browser": BROWSER_VERSION,
    }
    dependencies = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *name.split(":"), number
        )
        for name, number in wanted.items()
    )
    with tempfile.TemporaryDirectory() as directory:
        pom, out = Path(directory, "pom.xml"), Path(directory, "repository")
        pom.write_text(
            "<project><modelVersion>4.0.0</modelVersion><groupId>locked</groupId><artifactId>locked</artifactId>"
            f"<version>1</version><dependencies>{dependencies}</dependencies></project>",
            encoding="utf-8",
        )
        subprocess.run(  # noqa: S603
            [  # noqa: S607 - the developer's own Maven
                "mvn",
                "--batch-mode",
                "--quiet",
                "--file",
                pom,
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-Dmdep.useRepositoryLayout=true",
                f"-DoutputDirectory={out}",
            ],
            check=True,
            stdout=sys.stderr,
        )
        return [
            Jar(hashlib.sha256(content).hexdigest(), len(content), file.relative_to(out).as_posix())
            for file in sorted(out.rglob("*.jar"))
            for content in [file.read_bytes()]
        ]


def main() -> None:
    for jar in resolve(sys.argv[1]):
        print(jar.sha256, jar.size_bytes, jar.path)  # noqa: T201 - it prints the file


if __name__ == "__main__":
    main()
