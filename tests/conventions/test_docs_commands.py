"""Commands in the documents exist, take the arguments written there, and use the Python that `make run` sets up."""

import contextlib
import re
import shlex
import socket
import subprocess

import click
import pytest

from app.__main__ import main
from app.config import CHECKOUT

PAGES = [CHECKOUT / "README.md", *sorted(CHECKOUT.glob("docs/*.md"))]
BLOCKS = [
    (page.name, block)
    for page in PAGES
    for language, block in re.findall(
        r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    if language in {"", "sh"}
]
COMMANDS = sorted(
    {
        shlex.join(shlex.split(re.split(r" && | 2?> ", words.replace("[--json]", "--json"))[0], comments=True))
        for _, block in BLOCKS
        for words in re.findall(r"python -m app (.+)", block)
    }
)


def test_commands_run_with_the_checkouts_python_or_name_another() -> None:
    elsewhere = [
        f"{page}: {line}"
        for page, block in BLOCKS
        for line in block.splitlines()
        if re.search(r"(?<!\.venv/bin/)python -m", line)
        and not line.startswith("docker compose exec api ")
        and not block.startswith("pip install ")
    ]
    assert elsewhere == []
    prose = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert re.findall(r"`python -m (?!bench)[^`]+`", prose) == []


@pytest.mark.parametrize("written", COMMANDS)
def test_a_command_takes_the_arguments_that_are_written(written: str) -> None:
    command: click.Command | None = main
    words = shlex.split(written)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None
    with contextlib.suppress(click.exceptions.Exit):  # --help
        command.make_context("written", words)


def test_the_readmes_session_function_works_wherever_stderr_leads() -> None:
    """Under a service manager stderr is a socket: it is open, but cannot be opened again by its name."""
    [written] = re.findall(r"^session\(\) .+$", PAGES[0].read_text(encoding="utf-8"), re.MULTILINE)
    answer = r'{"sessionId":"ses_1","page":"a\"b\n","warnings":[]}'
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(
            ["sh", "-c", f"{written}\nsession"],
            input=answer,
            stdout=subprocess.PIPE,
            stderr=theirs.fileno(),
            check=True,
            text=True,
        )
        assert done.stdout == "ses_1\n"
        assert ours.recv(1000).decode() == answer + "\n"
