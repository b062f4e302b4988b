"""Late and too late."""

import io
import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ad_data.schema import StreamSchema
from ad_detection.domain.results import Results
from ad_detectors.model import Model
from tests.support.meters import METERS, Reading, at, knowing, meter_rule, readings, scored
from tests.support.records import Stored, stored

RULE = meter_rule(allowed_lateness_seconds=60)
MODEL_RULE = meter_rule(model="pumps", allowed_lateness_seconds=60, silence_seconds=30)
ARROW = b"application/vnd.apache.arrow.stream"


def lates(results: Results) -> dict[str, bool]:
    return {
        record_id.split("/")[2]: late
        for block in results.scores
        for record_id, late in zip(block.record_ids.to_list(), block.late.tolist(), strict=True)
    }


def arrow(taken: list[Reading]) -> Stored:
    frame = pl.DataFrame(
        {
            "meter": [meter for meter, _ in taken],
            "at": pl.Series([at(seconds) for _, seconds in taken]).cast(pl.Datetime("ms", "UTC")),
            "load": [1.0] * len(taken),
        }
    )
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return Stored(9, buffer.getvalue(), (("ce_source", b"meters"), ("content-type", ARROW)))


def test_a_record_behind_the_stream_is_scored_and_called_late_up_to_the_border() -> None:
    results = scored(knowing(RULE), readings([("a", 100), ("b", 99.999), ("a", 40), ("b", 100), ("a", 101)]))
    assert lates(results) == {"0": False, "1": True, "2": True, "3": False, "4": False}
    assert (results.late["meters"], results.rejected) == (2, [])


def test_beyond_the_border_it_is_rejected_and_says_by_how_much() -> None:
    results = scored(knowing(RULE), readings([("a", 100), ("b", 39.999), ("a", 101)]))
    [told] = results.rejected
    assert told.reason == "field 'at': 2023-11-14T22:13:59.999Z is 60.001 s late, the stream allows 60 s"
    assert (told.offset, told.field, told.stream) == (1, "at", "meters")
    assert json.loads(told.raw)["meter"] == "b"
    assert list(lates(results)) == ["0", "2"]
    assert results.too_late["meters"] == 1


def test_a_row_of_an_arrow_message_that_is_too_late_is_kept_by_itself() -> None:
    results = scored(knowing(RULE), [arrow([("a", 100), ("b", 0), ("c", 50)])])
    [told] = results.rejected
    assert (told.row, told.content_type) == (1, "application/json")
    assert json.loads(told.raw)["meter"] == "b"
    assert results.rows.total() == 2


def test_streams_of_one_schema_have_clocks_of_their_own() -> None:
    other = replace(meter_rule(allowed_lateness_seconds=10), stream="others")
    state = knowing(RULE)
    state.rules[other.key] = other
    early, late = readings([("a", 100), ("b", 50)])
    named = (("ce_source", b"others"), ("content-type", b"application/json"))
    results = scored(state, [early, Stored(7, late.value, named), Stored(8, body_of(10), named)])
    [told] = results.rejected
    assert (told.stream, told.offset) == ("others", 8)
    assert json.loads(told.raw)["meter"] == "z"


def body_of(seconds: float) -> bytes:
    [record] = readings([("z", seconds)])
    return record.value or b""


def test_without_the_setting_nothing_is_late() -> None:
    state = knowing(meter_rule())
    results = scored(state, readings([("a", 100), ("b", -1_000_000)]))
    assert lates(results) == {"0": False, "1": False}
    assert state.clocks == {}


def test_a_stream_without_a_field_for_the_time_is_never_late() -> None:
    untimed = StreamSchema(fields=METERS.fields, entity="meter")
    first, second = readings([("a", 1), ("a", 2)])
    earlier = Stored(second.offset, second.value, second.headers, first.timestamp - 900_000)
    results = scored(knowing(meter_rule(untimed, allowed_lateness_seconds=0)), [first, earlier])
    assert (results.rejected, lates(results)) == ([], {"0": False, "1": False})


def test_a_clock_that_runs_ahead_is_refused_and_nothing_after_it_is_late() -> None:
    careful = StreamSchema(fields=METERS.fields, entity="meter", timestamp="at", max_future_seconds=5)
    rule = meter_rule(careful, allowed_lateness_seconds=60)
    results = scored(knowing(rule), readings([("a", 0), ("b", 3600), ("a", 1)]))
    assert [told.offset for told in results.rejected] == [1]
    assert lates(results) == {"0": False, "2": False}


@pytest.mark.parametrize("cuts", [(1,), (2, 3, 5), (4,)])
def test_a_clock_that_jumps_an_hour_forth_and_back_gives_the_same_in_any_cut(cuts: tuple[int, ...]) -> None:
    taken = [("a", 0), ("b", 1), ("a", 3601), ("b", 2), ("a", 3602), ("b", 3590), ("b", 3603)]
    records, state = readings(taken), knowing(meter_rule(allowed_lateness_seconds=60, silence_seconds=30))
    whole = scored(knowing(state.rules["default", "meters"]), records)
    parts = [
        scored(state, records[start:stop])
        for start, stop in zip((0, *cuts), (*cuts, len(records)), strict=True)
    ]
    assert [told for part in parts for told in part.rejected] == whole.rejected
    assert [told.id for part in parts for told in part.anomalies] == [told.id for told in whole.anomalies]
    assert {key: late for part in parts for key, late in lates(part).items()} == lates(whole)
    assert [told.offset for told in whole.rejected] == [3]


def test_of_records_that_a_model_scored_a_replay_keeps_the_time_alone() -> None:
    live, replayed = knowing(MODEL_RULE), knowing(MODEL_RULE)
    taken = readings([("a", 0), ("b", 50), ("a", 5)])
    model = trained()
    assert scored(live, taken, {MODEL_RULE.key: model}).rows.total() == 3
    assert scored(replayed, taken).rows.total() == 0
    assert replayed.clocks == live.clocks != {}
    assert replayed.watches.keys() == live.watches.keys() == {MODEL_RULE.key}


def test_what_is_told_of_a_stream_stands_in_the_order_of_its_rows() -> None:
    """A silence stands at the row that brought it to light."""
    taken = (("a", 0), ("b", 40), ("b", 41))
    bodies = [{"meter": meter, "at": at(seconds), "load": 99.0} for meter, seconds in taken]
    records = [stored(place, body, "meters") for place, body in enumerate(bodies)]
    told = scored(knowing(MODEL_RULE), records, {MODEL_RULE.key: trained()}).anomalies
    assert [(each.offset, each.kind) for each in told] == [
        (0, "record"),
        (1, "silence"),
        (1, "record"),
        (2, "record"),
    ]


def trained() -> Model:
    return Model.train("zscore", np.random.default_rng(0).normal(size=(100, 1)), ["load"])
