"""The parser of bodies accepts the JSON that the graph can keep, and nothing else."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.errors import Malformed
from app.half_pairs import has_half, whole
from app.json_body import parse, strictly


def read(body: bytes, levels: int = 16, keys: int = 255) -> Any:
    return parse(body, max_depth_levels=levels, max_object_keys=keys)


def levels(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(levels, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(levels, value), default=0)
    return 0


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@given(values, st.booleans())
def test_valid_json_is_read_unchanged(value: Any, escaped: bool) -> None:  # noqa: FBT001
    assert read(json.dumps(value, ensure_ascii=escaped).encode(), levels=1000) == value


@given(values, st.integers(0, 6))
def test_depth_counts_brackets_outside_of_texts(value: Any, limit: int) -> None:
    body = json.dumps([value, '[[[[{{"', "\\", '\\"[[[[']).encode()
    if levels(value) + 1 > limit:
        with pytest.raises(ValidationError, match="deeper"):
            read(body, levels=limit)
    else:
        assert read(body, levels=limit)[0] == value


#: Pieces of JSON and of what is almost JSON. Some of these would be read differently by a lax parser.
pieces = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        "\\",
        '"a":',
        '"a" :',
        '"b":',
        '":',
        '":"',
        '" :',
        '"\\":"',
        '"a":{"a":1}',
        " ",
        "\t",
        "\n",
    ]
    + [
        '"a":1,"a":2',
        '"\\u0061":1,"a":2',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
        '"\\udc00\\ud800"',
        '"\\u0000"',
        '"é"',
        "\x00",
        "\ufeff",
        "\x0c",
    ]
    + [
        "0",
        "-0",
        "-0.0",
        "00",
        "1e5",
        "1e999",
        "-1E400",
        "5e-324",
        "1.0",
        ".5",
        "0.1e-7",
        "NaN",
        "Infinity",
        "-Infinity",
    ]
    + [str(number) for bits in (53, 59, 60, 63, 64) for number in (2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1)]
    + ["0" * 30, "1" * 18, "1" * 19, "1" * 5000, "1" * 19 + ".5", "true", "null", "tru", "[[[[", "]]]]"]
)
odd_texts = st.lists(pieces | st.text(max_size=3), max_size=12).map("".join)


def nearly(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of lists and objects, mostly well-formed, of which some have a key twice or stray characters."""
    members = st.lists(
        st.tuples(st.sampled_from(["a", "b", ":", "\\u0061"]), st.sampled_from([":", " :", ": "]), values)
    )
    return st.lists(values).map(lambda items: f"[{','.join(items)}]") | members.map(
        lambda found: "{" + ",".join(f'"{key}"{colon}{value}' for key, colon, value in found) + "}"
    )


@given(
    (odd_texts | st.recursive(pieces | values.map(json.dumps), nearly, max_leaves=12)).map(
        lambda body: body.encode("utf-8", "surrogatepass")
    )
    | st.binary(max_size=20)
)
def test_the_quick_parser_reads_and_refuses_exactly_what_the_strict_one_does(body: bytes) -> None:
    def outcome(parser: Callable[..., Any]) -> str:
        try:
            # Unlike ==, the text tells 1 from 1.0 and from True, 0.0 from -0.0, and knows the order of keys.
            return repr(parser(body, max_depth_levels=4, max_object_keys=3))
        except (Malformed, ValidationError) as error:
            return repr((type(error), error.args))

    assert outcome(parse) == outcome(strictly)


NOT_JSON = {
    "nothing": b"",
    "half an object": b'{"a":1',
    "too many brackets": b"{}]",
    "two values": b"{} {}",
    "single quotes": b"{'a':1}",
    "a trailing comma": b'{"a":1,}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "a raw line break in a text": b'"a\nb"',
    "a raw NUL in a text": b'"a\x00b"',
    "no UTF-8": b'"\xff"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a key twice": b'{"a":1,"a":2}',
    "a key twice, escaped once": b'{"a":1,"\\u0061":2}',
    "a number with a leading zero": b"[01]",
}
NOT_KEPT = {
    "17 levels": b"[" * 17 + b"]" * 17,
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels never closed": b'{"a":' * 100_000,
    "256 keys": json.dumps({str(i): i for i in range(256)}).encode(),
    "a million digits": b"1" * 1_000_000,
    "more than a double holds": b"1e400",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


@pytest.mark.parametrize("body", NOT_KEPT.values(), ids=NOT_KEPT.keys())
def test_json_that_the_graph_cannot_keep_breaks_the_schema(body: bytes) -> None:
    with pytest.raises(ValidationError):
        read(body)


@pytest.mark.parametrize(
    ("body", "made"),
    [
        (b'"a\\ud800"', "a\ufffd"),
        (b'{"a":{"\\uDFFF":1}}', {"a": {"\ufffd": 1}}),
        (b'["\\ude00\\ud83d"]', ["\ufffd\ufffd"]),
        (b'"\\ud83d\\ude00"', "😀"),
    ],
)
def test_half_of_a_pair_is_found_and_made_whole(body: bytes, made: Any) -> None:
    value = read(body)
    assert has_half(value) == (value != made)
    assert whole(value) == made


def test_values_at_the_limits_are_accepted() -> None:
    assert read(b"[" * 16 + b"]" * 16)
    assert len(read(json.dumps({str(i): i for i in range(255)}).encode())) == 255
    assert read(b"[9223372036854775807,-9223372036854775808]") == [2**63 - 1, -(2**63)]
    assert read(b'"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 2_000_000, b'"' * 4_000_000, b"\\" * 4_000_000, b"]" * 4_000_000, b"[]" * 2_000_000],
    ids=["a text never closed", "only quotes", "only backslashes", "only closing brackets", "many values"],
)
def test_no_body_takes_more_than_linear_time(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        read(body)
    # It takes 0.1 s. A parser that starts again at each place would take hours.
    assert time.process_time() - started < 3


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_says_what_to_send(body: bytes) -> None:
    with pytest.raises(Malformed, match="the body is empty: send a JSON object"):
        read(body)
