"""Tell whether a call is new, repeats a call that was answered, or is a different call under the same message id."""

from dataclasses import dataclass
from enum import Enum

from graph.model import Message


@dataclass(frozen=True)
class Kept:
    """What the graph keeps of an accepted call."""

    call: str
    session_sent: str | None
    request_hash: str
    answer: str


class Repeat(Enum):
    """How a call compares with the earlier call of the same message id."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


def judge(message: Message, kept: Kept | None) -> Repeat:
    """Compare a call with the call that was accepted under its message id; `kept` is None if there was none.

    The session as sent is compared too. The answer of an `init` holds a token, and write keys are public, so a
    stranger who guesses a message id must not get that answer.
    """
    if kept is None:
        return Repeat.NEW
    same = (kept.call, kept.session_sent, kept.request_hash) == (
        message.call,
        message.session_sent,
        message.request_hash,
    )
    return Repeat.DUPLICATE if same else Repeat.CONFLICT
