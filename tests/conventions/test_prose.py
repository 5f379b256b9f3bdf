"""Prose is in short sentences: documents, docstrings and comments alike.

A sentence has at most 40 words and a table's cell at most 60. Words between backticks count as one, as names are read at a glance.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from app.config import CHECKOUT

SENTENCE_WORDS = 40
CELL_WORDS = 60
DOCUMENTS = [
    CHECKOUT / "README.md",
    CHECKOUT / "CHANGELOG.md",
    *CHECKOUT.glob("docs/**/*.md"),
    *CHECKOUT.glob("bench/*.md"),
]
FOLDERS = ("app", "graph", "migrations", "bench", "tests", "cypher", "sdk/src", "explore/src")
SOURCES = [
    path
    for folder in FOLDERS
    for path in sorted((CHECKOUT / folder).rglob("*"))
    if path.suffix in (".py", ".cypher", ".ts") and "static" not in path.parts
]
#: Where a sentence ends: at its full stop, not at that of `e.g.` or of a number.
ENDS = re.compile(r"(?<=[.!?])[)\"'”*_]*\s+(?=[\"'(`*_]*[A-Z0-9`*$])")
WORD = re.compile(r"[^\W_][\w'\u2019/.-]*")
LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    plain = re.sub(r"`+[^`]*`+", "`name`", text)
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", plain)
    plain = re.sub(r"<?\w+://\S+", "link", plain)
    return ENDS.split(" ".join(plain.split()))


def words(text: str) -> int:
    return len(WORD.findall(text))


def too_long(paragraphs: Iterator[str]) -> list[str]:
    """What of some paragraphs has too many words."""
    return [
        f"{words(sentence)} words: {sentence}"
        for paragraph in paragraphs
        for sentence in sentences(paragraph)
        if words(sentence) > SENTENCE_WORDS
    ]


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a text; a heading and each item of a list are paragraphs of their own, a table's rows are none."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        is_break = not line.strip() or line.lstrip().startswith(("|", "#", ">"))
        if (is_break or LIST_ITEM.match(line)) and block:
            yield " ".join(block)
            block = []
        if line.lstrip().startswith("#"):
            yield line.strip("# ")
        elif not is_break:
            block.append(LIST_ITEM.sub("", line))


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def cells(text: str) -> Iterator[str]:
    """The cells of a document's tables."""
    for line in text.splitlines():
        if line.lstrip().startswith("|"):
            yield from re.split(r"(?<!\\)\|", line.strip().strip("|"))


def docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node)
            if said:
                # What is drawn or listed in columns is no sentence.
                yield from paragraphs(
                    "\n".join("" if re.search(r"\S {2,}\S|[├└│]", line) else line for line in said.splitlines())
                )


def comments(source: str) -> Iterator[str]:
    """Comments of Python; those of lines that follow each other are one paragraph."""
    found = [
        token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.COMMENT
    ]
    for _, block in groupby(enumerate(found), lambda pair: pair[1].start[0] - pair[0]):
        lines = [re.sub(r"^#:?\s?", "", token.string) for _, token in block]
        yield from paragraphs("\n".join(line for line in lines if not line.startswith(("noqa", "type:"))))


def slashed(source: str) -> Iterator[str]:
    """Comments of Cypher and TypeScript; of a query's header only the purpose is prose."""
    block: list[str] = []
    for line in [*source.splitlines(), ""]:
        said = re.match(r"\s*(?://|/\*\*|\*/|\*)\s?(.*)", line)
        if said is None:
            yield from paragraphs("\n".join(block))
            block = []
        elif not re.match(r"(?:access|params|returns|index|given|paste|example|part): ", said[1]):
            block.append(said[1].removeprefix("purpose: ").removesuffix("*/"))
        else:
            block.append("")


@pytest.mark.parametrize("page", sorted(DOCUMENTS), ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_documents_are_in_short_sentences(page: Path) -> None:
    text = without_code(page.read_text(encoding="utf-8"))
    assert too_long(paragraphs(text)) == []
    assert [f"{words(cell)} words: {cell}" for cell in cells(text) if words(cell) > CELL_WORDS] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_comments_and_docstrings_are_in_short_sentences(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        assert too_long(docstrings(source)) + too_long(comments(source)) == []
    else:
        assert too_long(slashed(source)) == []
