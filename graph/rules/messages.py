"""Whether a call is new, the repeat of one that was answered, or another one under the same id."""

from dataclasses import dataclass
from enum import Enum

from graph.model import Message


@dataclass(frozen=True)
class Kept:
    """What the graph keeps of a call that was accepted."""

    call: str
    session_sent: str | None
    request_hash: str
    answer: str


class Repeat(Enum):
    """What a message id tells of a call."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


def judge(message: Message, kept: Kept | None) -> Repeat:
    """Compare a call with what its message id stands for.

    The session as sent is compared too: an answer of `init` holds a token, and write keys are public.
    """
    if kept is None:
        return Repeat.NEW
    same = (kept.call, kept.session_sent, kept.request_hash) == (
        message.call,
        message.session_sent,
        message.request_hash,
    )
    return Repeat.DUPLICATE if same else Repeat.CONFLICT
