"""Rows of files as items of a batch: each shape, each type of file, and what is no event."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from app.imports.rows import FileType, Limits, Row, Source, type_of
from app.schemas.imported import BadRow, imported
from tests.world import Json

LIMITS = Limits(1_000, 16, 255)
TIME = "2024-05-06T07:08:09.123Z"


def rows(text: str, file_type: FileType = "jsonl") -> list[Row]:
    return list(Source(None, file_type, LIMITS, stream=io.BytesIO(text.encode())).rows())


def posthog(**said: Any) -> Json:
    return {"uuid": "u-1", "event": "view", "distinct_id": "anna", "timestamp": TIME, "properties": {}, **said}


def whom(row: Json) -> tuple[Any, Any]:
    item = imported(row).item
    return item.get("anonymousId"), item.get("userId")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"$device_id": "dev"}, ("dev", None)),
        ({"$device_id": "dev", "$is_identified": True}, ("dev", "anna")),
        ({"$device_id": "anna"}, ("anna", None)),
        ({"$device_id": "dev", "$user_id": "ben"}, ("dev", "ben")),
        ({"$device_id": "dev", "$is_identified": False}, ("dev", None)),
        ({"$device_id": "$posthog_cookieless"}, (None, "anna")),
        ({"$process_person_profile": False}, ("anna", None)),
        ({}, (None, "anna")),
    ],
)
def test_whose_an_event_of_posthogs_is(properties: Json, expected: tuple[Any, Any]) -> None:
    assert whom(posthog(properties=properties)) == expected


def test_a_group_of_posthogs_is_nobody() -> None:
    group = {"event": "$groupidentify", "distinct_id": "$company_id:5"}
    said = {"$group_type": "company", "$group_key": "id:5"}
    assert whom(posthog(**group, properties={**said, "$device_id": "dev", "$is_identified": True})) == ("dev", None)
    assert whom(posthog(**group, properties={**said, "$device_id": "dev", "$user_id": "anna"})) == ("dev", "anna")
    with pytest.raises(BadRow, match="it tells of a group"):
        imported(posthog(**group, properties=said))


def test_a_login_of_posthogs_is_on_its_device_else_on_the_id_before_it() -> None:
    for properties, where in (
        ({"$device_id": "dev", "$anon_distinct_id": "anon"}, {"anonymousId": "dev"}),
        ({"$anon_distinct_id": "anon"}, {"anonymousId": "anon"}),
        ({}, {"userId": "anna"}),
    ):
        item = imported(posthog(event="$identify", properties={**properties, "$set": {"plan": "pro"}})).item
        assert {name: item[name] for name in ("anonymousId", "userId") if name in item} == where
        assert item["userProperties"] == {"plan": "pro", "userId": "anna"}


def test_a_time_that_client_and_receiver_noted_is_corrected() -> None:
    row = {
        "type": "track",
        "event": "view",
        "anonymousId": "a",
        "originalTimestamp": "2024-05-06T09:00:00Z",
        "sentAt": "2024-05-06T09:00:10Z",
        "receivedAt": "2024-05-06T07:00:10Z",
    }
    assert imported(row).at == datetime(2024, 5, 6, 7, 0, tzinfo=UTC)
    assert imported({**row, "originalTimestamp": None}).at == datetime(2024, 5, 6, 7, 0, 10, tzinfo=UTC)
    assert imported({**row, "timestamp": TIME}).item["timestamp"] == TIME
    assert imported({**row, "timestamp": "2024-05-06 07:08:09"}).item["timestamp"] == "2024-05-06T07:08:09.000Z"


def test_equal_rows_have_one_id_and_others_have_another() -> None:
    row = {"type": "track", "eventName": "view", "anonymousId": "a", "timestamp": TIME}
    ids = [imported(each).item["messageId"] for each in (row, dict(reversed(row.items())), {**row, "eventName": "b"})]
    assert ids[0] == ids[1] != ids[2]
    assert imported({**row, "messageId": "m"}).item["messageId"] == "m"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"type": "alias", "userId": "anna", "previousId": {"a": 1}, "timestamp": TIME}, "previousId and userId"),
        (posthog(event="$create_alias"), "properties.alias is required"),
        (posthog(timestamp="1969-12-31T23:59:59Z"), "before 1970"),
        (posthog(timestamp="0001-01-01T00:00:00Z"), "before 1970"),
        (posthog(timestamp=17), "no time such as"),
        ({"eventName": "view"}, "none of the known shapes"),
        (posthog(properties="price=3"), "properties: it is no object"),
        (posthog(event="$identify", properties={"$set": ["pro"]}), r"\$set: it is no object"),
        ({"type": "track", "event": "view", "properties": [1], "timestamp": TIME}, "properties: it is no object"),
        ({"type": "identify", "userId": "anna", "traits": "pro", "timestamp": TIME}, "traits: it is no object"),
        ({"type": "page", "context": "page", "timestamp": TIME}, "context: it is no object"),
        ({"type": "track", "eventName": "view", "context": "", "timestamp": TIME}, "context: it is no object"),
    ],
)
def test_what_is_no_event_says_what_to_change(row: Json, why: str) -> None:
    with pytest.raises(BadRow, match=why):
        imported(row)


def test_columns_of_csv_nest_and_only_booleans_become_such() -> None:
    text = '\ufefftype,eventName,onBehalfOf,properties.price,properties\ntrack,true,true,9.5,"{""n"": 1}"\n\n,,,,\n'
    [row] = rows(text, "csv")
    assert (row.line, row.said) == (
        2,
        {"type": "track", "eventName": "true", "onBehalfOf": True, "properties": {"price": "9.5", "n": 1}},
    )
    flat = "event,distinct_id,properties.$is_identified,properties.$device_id\nview,a,false,a\n"
    assert whom({**rows(flat, "csv")[0].said, "timestamp": TIME}) == ("a", None)
    [wide, narrow, broken] = rows('type,properties\na,b,c\na\na,"{"\n', "csv")
    assert "3 cells" in str(wide.why)
    assert "1 cells" in str(narrow.why)
    assert "properties is no JSON object" in str(broken.why)
    assert broken.said == {"type": "a", "properties": "{"}
    [loose, _] = rows('type,properties\n"a"b,\na,\n', "csv")
    assert "the line is no CSV" in str(loose.why)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":NaN}', '{"a":' * 20 + "1" + "}" * 20, '{"a":1,"a":2}', "17"])
def test_json_in_a_cell_has_the_limits_of_a_call(text: str, tmp_path: Path) -> None:
    source = io.StringIO()
    csv.writer(source).writerows([["type", "properties"], ["track", text], ["track", '{"a":"\\ud83d"}']])
    limits = Limits(1_000_000, 16, 255)
    bad, half = Source(None, "csv", limits, stream=io.BytesIO(source.getvalue().encode())).rows()
    assert str(bad.why).startswith("properties is no JSON object")
    assert (half.why, half.has_halves) == (None, True)
    file = tmp_path / "cells.parquet"
    write_parquet(file, [{"type": "track", "properties": text}], {"type": pa.string(), "properties": pa.string()})
    [row] = Source(file, "parquet", limits).rows()
    assert str(row.why).startswith("properties is no JSON object")


def test_text_in_a_line_of_json_that_is_an_object_is_read_as_one() -> None:
    lines = [{"properties": '{"a":"\\ud83d"}'}, {"properties": "price"}, {"properties": '{"a":NaN}'}]
    half, text, bad = rows("".join(json.dumps(line) + "\n" for line in lines))
    assert (half.said, half.has_halves) == ({"properties": {"a": "\ud83d"}}, True)
    assert (text.said, text.why) == ({"properties": "price"}, None)
    assert "properties is no JSON object: NaN is not JSON" in str(bad.why)


def test_a_line_of_csv_that_is_not_utf_8_is_rejected() -> None:
    # Two people whose names differ in one letter stay two.
    table = "userId,name\nAndré,a\nAndrè,b\nAnna,c\n"
    found = list(Source(None, "csv", LIMITS, stream=io.BytesIO(table.encode("latin-1"))).rows())
    assert [row.why for row in found] == ["the line is not UTF-8", "the line is not UTF-8", None]
    with pytest.raises(ValueError, match="which names the columns"):
        list(Source(None, "csv", LIMITS, stream=io.BytesIO("é\n".encode("latin-1"))).rows())


@pytest.mark.parametrize(
    ("file_type", "text"), [("jsonl", '{"n": 1}\n{"n": '), ("csv", "a,b\n1,2\n3"), ("csv", 'a,b\n1,2\n3,"')]
)
def test_a_last_line_without_an_end_is_cut_if_it_cannot_be_read(file_type: FileType, text: str) -> None:
    assert [row.is_cut for row in rows(text, file_type)] == [False, True]
    assert [row.is_cut for row in rows(text + "\n", file_type)] == [False, False]


def write_parquet(file: Path, values: list[Json], types: dict[str, Any]) -> None:
    schema = pa.schema(list(types.items()))
    with parquet.ParquetWriter(str(file), schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(values, schema=schema))


def test_values_of_parquet_are_such_as_json_has(tmp_path: Path) -> None:
    file = tmp_path / "values.parquet"
    types = {
        "text": pa.binary(),
        "number": pa.float64(),
        "whole": pa.uint64(),
        "inner": pa.struct([("a", pa.float64()), ("b", pa.int64())]),
    }
    values = [
        {"text": "André".encode(), "number": 1.5, "whole": 7, "inner": {"a": float("nan"), "b": 2}},
        {"text": "André".encode("latin-1"), "number": float("inf"), "whole": 2**64 - 1, "inner": None},
    ]
    write_parquet(file, values, types)
    good, bad = Source(file, "parquet", LIMITS).rows()
    assert (good.said, good.why) == ({"text": "André", "number": 1.5, "whole": 7, "inner": {"b": 2}}, None)
    assert bad.why == "the line is not UTF-8"
    assert {"number", "inner"}.isdisjoint(bad.said)
    assert bad.said["whole"] == str(2**64 - 1)


def test_a_file_of_parquet_as_posthog_exports_it_has_properties_as_text(tmp_path: Path) -> None:
    file = tmp_path / "events.parquet"
    names = ("uuid", "event", "distinct_id", "properties")
    schema = pa.schema([*((name, pa.string()) for name in names), ("timestamp", pa.timestamp("us", tz="UTC"))])
    properties = json.dumps({"$device_id": "dev", "$ip": "203.0.113.7", "price": 3})
    row = posthog(properties=properties, timestamp=datetime(2024, 5, 6, 7, 8, 9, 123000, tzinfo=UTC))
    with parquet.ParquetWriter(str(file), schema) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist([row], schema=schema))
    [read] = Source(file, "parquet", LIMITS).rows()
    found = imported(read.said)
    assert (found.item["timestamp"], found.address, found.item["anonymousId"]) == (TIME, "203.0.113.7", "dev")
    assert found.item["properties"] == {"$device_id": "dev", "price": 3}


def test_lines_before_the_place_of_a_checkpoint_are_not_parsed_but_the_first() -> None:
    source = Source(None, "jsonl", LIMITS, stream=io.BytesIO(b'{"n": 1}\nno\n{"n": 3}\n{"n": 4}'), after=3)
    assert [(row.line, row.said) for row in source.rows()] == [(1, {"n": 1}), (3, {"n": 3}), (4, {"n": 4})]


def test_the_name_of_a_file_tells_its_type() -> None:
    names = ("a.jsonl", "a.NDJSON", "a.json.gz", "a.csv", "a.parquet", "a.txt", "a.gz")
    assert [type_of(Path(name)) for name in names] == ["jsonl", "jsonl", "jsonl", "csv", "parquet", None, None]
