"""Whether a dead letter would be taken now, and as which message it goes back."""

import io
from dataclasses import replace

import polars as pl
import pytest

from ad_contracts.headers import read
from ad_contracts.ids import record_id
from ad_contracts.partitioning import partition_for, record_key
from ad_data.decode import decode
from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.replays import Correction, as_body, as_message, corrected, trial
from tests.support.dead_letters import GOOD, letter
from tests.support.ingestion import SENSORS, sensor_stream

ARROW = "application/vnd.apache.arrow.stream"
STREAM = sensor_stream()
NOW_MS = 1_767_225_600_000


def arrow(rows: list[dict]) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(rows).write_ipc_stream(sink)
    return sink.getvalue()


def sent(found, partitions: int = 6, stream=STREAM):
    return as_message(trial(found, SENSORS, NOW_MS), stream, SENSORS, partitions)


def rows_of(message) -> list[dict]:
    return decode([message.value], read(message.headers).content_type, SENSORS).frame.to_dicts()


@pytest.mark.parametrize(
    ("found", "field", "words"),
    [
        (letter(raw=b'{"sensor": "s1", "load": "x"}'), "load", "a number belongs"),
        (letter(raw=b'{"load": 1}'), "sensor", "missing"),
        (letter(raw=b"{"), None, "JSON"),
        (letter(raw=b"", content_type=None), None, "empty message"),
        (letter(raw=b"1,2,3", source="ingestion", content_type="text/csv"), None, "give it as `raw`"),
    ],
)
def test_what_would_be_rejected_again_is_said_with_the_words_of_the_live_path(found, field, words) -> None:
    tried = trial(found, SENSORS, NOW_MS)
    assert not tried.passes
    assert tried.field == field
    assert words in tried.reason


def test_what_the_stream_takes_now_passes() -> None:
    strict = StreamSchema(fields=SENSORS.fields, entity="sensor", on_extra="reject")
    extra = letter(raw=b'{"sensor": "s1", "load": 1, "heat": 2, "more": 3}')
    assert not trial(extra, strict, NOW_MS).passes
    assert trial(extra, SENSORS, NOW_MS).passes


def test_an_arrow_message_without_rows_holds_no_record() -> None:
    empty = pl.DataFrame(schema={"sensor": pl.String, "load": pl.Float64, "heat": pl.Float64})
    sink = io.BytesIO()
    empty.write_ipc_stream(sink)
    tried = trial(letter(raw=sink.getvalue(), content_type=ARROW), SENSORS, NOW_MS)
    assert tried.reason == "there is no record in these bytes"


def test_a_message_goes_back_as_it_was_and_says_whose_replay_it_is() -> None:
    headers = [
        ("ce_id", b"e1"),
        ("ce_source", b"sensors"),
        ("x", None),
        ("content-type", b"application/json"),
    ]
    message = sent(letter(headers=headers))
    assert message.value == GOOD
    assert dict(message.headers) == {
        "ce_id": b"e1",
        "ce_source": b"sensors",
        "x": b"",
        "content-type": b"application/json",
        "ad_replay_of": b"d/1",
    }


def test_the_replay_of_a_replay_names_the_last_one_only() -> None:
    headers = sent(letter("d/2", headers=[("ad_replay_of", b"d/1")])).headers
    assert [value for name, value in headers if name == "ad_replay_of"] == [b"d/2"]


def test_a_record_without_an_id_keeps_that_of_its_place() -> None:
    event = read(sent(letter()).headers)
    assert record_id("records.default", 5, 99, 0, event.id, event.batch_id) == "records.default/1/7/0"


@pytest.mark.parametrize("partition", range(6))
def test_it_goes_to_the_partition_where_it_stood(partition: int) -> None:
    assert partition_for(sent(letter(partition=partition)).key, 6) == partition


@pytest.mark.parametrize("changes", [{"topic": "other"}, {"partition": 6}, {"partition": None}], ids=str)
def test_one_that_stood_elsewhere_goes_where_the_records_of_its_entity_go(changes) -> None:
    assert sent(letter(**changes)).key == record_key("sensors", "s1")


def test_a_corrected_one_goes_where_the_records_of_its_entity_go() -> None:
    fixed = corrected(letter(), Correction(raw=GOOD.replace(b"s1", b"s9")))
    message = as_message(trial(fixed, SENSORS, NOW_MS, corrected=True), STREAM, SENSORS, 6)
    assert message.key == record_key("sensors", "s9")


def test_a_stream_without_entities_has_its_name_as_the_key() -> None:
    schema = StreamSchema(fields=(Field("load"),))
    found = letter(raw=b'{"load": 1}', topic="other")
    stream = replace(STREAM, schema=schema)
    message = as_message(trial(found, schema, NOW_MS), stream, schema, 6)
    assert message.key == b"sensors"


BODY = [("ad_batch_id", b"b"), ("ce_id", b"b.0.0"), ("content-type", ARROW.encode())]


def test_a_row_of_a_body_that_is_kept_as_json_has_its_own_id_again() -> None:
    message = sent(letter(headers=BODY, row=41))
    event = read(message.headers)
    [row] = rows_of(message)
    assert (row["_row"], row["load"]) == (41, 1.0)
    assert record_id("t", 0, 0, row["_row"], event.id, event.batch_id) == "b/41"


@pytest.mark.parametrize("headers", [BODY, []])
def test_of_an_arrow_message_with_one_bad_row_only_that_row_goes_back(headers) -> None:
    rows = [{"sensor": f"s{row}", "load": row, "heat": 1} for row in range(4)]
    message = sent(letter(raw=arrow(rows), content_type=ARROW, row=2, field="load", headers=headers))
    assert [(row["sensor"], row["_row"]) for row in rows_of(message)] == [("s2", 2)]


def test_an_arrow_message_that_was_rejected_as_a_whole_goes_back_as_a_whole() -> None:
    raw = arrow([{"sensor": f"s{row}", "load": row, "heat": 1} for row in range(4)])
    assert sent(letter(raw=raw, content_type=ARROW, headers=BODY)).value == raw


def test_a_correction_changes_what_it_names() -> None:
    fixed = corrected(letter(content_type="application/avro"), Correction(raw=b"{}", stream="pumps"))
    assert (fixed.event.raw, fixed.event.content_type, fixed.event.stream) == (
        b"{}",
        "application/json",
        "pumps",
    )
    assert corrected(letter(), Correction()) == letter()


def test_records_of_rest_become_a_body_with_one_line_each() -> None:
    pretty = letter(raw=b'{"sensor":\r\n "s\\n",\n "load": 1}')
    assert as_body([pretty, letter()]).split(b"\n") == [b'{"sensor":   "s\\n",  "load": 1}', GOOD]
