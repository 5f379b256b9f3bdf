"""Time cold and warm starts: `python -m bench.start`.

A cold start has an empty data directory, and the jars in the user's cache. A warm start uses the same directory again.
With --download the cache is empty, too.
"""

import argparse
import tempfile
from pathlib import Path

from bench.service import serve, setting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--download", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    print(setting())
    for number in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as place:
            settings = {"CACHE_DIR": f"{place}/cache"} if arguments.download else {}
            data_dir = Path(place) / "data"
            for name in ("cold", "warm"):
                with serve(data_dir, **settings) as service:
                    print(f"round {number + 1} {name}: ready after {service.started_seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
