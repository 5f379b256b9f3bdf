"""Write what is generated from the query files: `python -m graph.generated`. A test compares the committed files with it.

- `graph/query.pyi` gives each query the parameters of its header, so that the type checker finds a misspelt one.
- `cypher/paste/` has each analysis with its parts in place, for an analyst to paste.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from graph.queries import CYPHER, FROM_TRANSACTION, Header, load, names

STUB = Path(__file__).with_name("query.pyi")
HEAD = """\
# What each query takes, from its header. Written by `python -m graph.generated`.
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, overload

from graph.queries import Rows
from graph.transaction import Transaction

R = TypeVar("R")
"""
TYPES = {
    "STRING": "str",
    "INTEGER": "int",
    "FLOAT": "float",
    "BOOLEAN": "bool",
    "ZONED DATETIME": "datetime",
    "MAP": "Mapping[str, Any]",
}


def files() -> Mapping[Path, str]:
    """Each generated file and its text."""
    pasted = {name: load(name)[0] for name in names() if name.startswith("analysis/")}
    return {
        STUB: stub(),
        **{CYPHER / "paste" / f"{name.partition('/')[2]}.cypher": text for name, text in pasted.items()},
    }


def stub() -> str:
    """The text of `query.pyi`."""
    loaded = [(name, load(name)[1]) for name in names() if not name.startswith(("analysis/", "embedded/"))]
    protocols = [_protocol(name, header) for name, header in loaded]
    overloads = [
        f'@overload\ndef query(name: Literal["{name}"], row: type[R]) -> {_class(name)}[R]: ...' for name, _ in loaded
    ]
    return "\n".join([HEAD, *protocols, *overloads, ""])


def _protocol(name: str, header: Header) -> str:
    taken = [f"{param}: {_type(kind)}" for param, kind in header.params.items() if param not in FROM_TRANSACTION]
    params = ", ".join(["self", "tx: Transaction", *(["*", *taken] if taken else [])])
    return (
        f"class {_class(name)}(Protocol[R]):\n"
        f"    def __call__({params}) -> list[R]: ...\n"
        f"    def one({params}) -> R: ...\n"
        f"    def one_or_none({params}) -> R | None: ...\n"
    )


def _class(name: str) -> str:
    return "_" + "".join(word.capitalize() for word in re.findall(r"[a-z]+", name))


def _type(kind: str) -> str:
    plain = kind.removesuffix(" NULL")
    inner = re.fullmatch(r"LIST<(.+)>", plain)
    listed = "Rows" if plain == "LIST<MAP>" else inner and f"Sequence[{TYPES[inner[1]]}]"
    found = listed or TYPES[plain]
    return found if plain == kind else f"{found} | None"


if __name__ == "__main__":
    for file, text in files().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
