"""A request is whole when its header is, and as much of a body as the header says."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.incoming import CHUNK_LINE_BYTES_MAX, HEADER_BYTES_MAX, SMALL_CHUNKS, Incoming

BODY_BYTES_MAX = 1000
LINE = b"POST /x HTTP/1.1\r\nHost: h\r\n"
WHOLE = {
    "no body": LINE + b"\r\n",
    "a length": LINE + b"content-LENGTH: 5\r\n\r\nhello",
    "a length of nothing": LINE + b"Content-Length: 0\r\n\r\n",
    "chunks": LINE + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n",
    "an empty body in chunks": LINE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks that hold line ends": LINE + b"Transfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
    "trailers": LINE + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n",
}


def test_all_of_a_request_is_whole_and_nothing_less_is() -> None:
    for name, request in WHOLE.items():
        incoming = Incoming(BODY_BYTES_MAX)
        for place, byte in enumerate(request):
            assert not incoming.is_complete, f"{name}: whole after {request[:place]!r}"
            incoming.add(bytes([byte]))
        assert incoming.is_complete, name
        assert incoming.data == request


@given(st.sampled_from(sorted(WHOLE)), st.lists(st.integers(0, 120)), st.binary(max_size=20))
def test_it_makes_no_difference_in_which_parts_a_request_comes_in(name: str, cuts: list[int], next_one: bytes) -> None:
    sent = WHOLE[name] + next_one
    incoming = Incoming(BODY_BYTES_MAX)
    places = [0, *sorted(cut for cut in cuts if cut < len(WHOLE[name])), len(sent)]
    for start, end in pairwise(places):
        assert not incoming.is_complete
        incoming.add(sent[start:end])
    assert incoming.is_complete
    assert incoming.data == sent


@pytest.mark.parametrize(
    "request_of",
    [
        lambda: LINE + b"Content-Length: 1001\r\n\r\n",
        lambda: LINE + b"Content-Length: minus one\r\n\r\n",
        lambda: LINE + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        lambda: LINE + b"X: " + b"x" * HEADER_BYTES_MAX,
        lambda: LINE + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n",
        lambda: LINE + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        lambda: LINE + b"Transfer-Encoding: chunked\r\n\r\n5" + b" " * CHUNK_LINE_BYTES_MAX,
        lambda: LINE + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
        lambda: LINE + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * BODY_BYTES_MAX,
    ],
)
def test_nobody_waits_for_the_rest_of_what_is_refused_anyway(request_of: Callable[[], bytes]) -> None:
    incoming = Incoming(BODY_BYTES_MAX)
    incoming.add(request_of())
    assert incoming.is_complete
    assert incoming.is_cut


def test_a_body_of_many_tiny_chunks_is_cut_and_one_of_some_is_not() -> None:
    for chunks, is_cut in ((SMALL_CHUNKS // 2, False), (SMALL_CHUNKS + 1, True)):
        incoming = Incoming(1_000_000)
        incoming.add(LINE + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * chunks)
        assert incoming.is_cut == is_cut


def test_a_client_that_asks_before_it_sends_the_body_is_known() -> None:
    incoming = Incoming(BODY_BYTES_MAX)
    incoming.add(LINE + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert incoming.expects_continue
    assert not incoming.is_complete
