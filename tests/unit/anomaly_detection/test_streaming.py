"""A streaming detector inside a program."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from ad_detectors import catalog
from ad_detectors.errors import DataError, ParameterError, UnknownDetectorError
from anomaly_detection import AnomalyDetector, StreamDetector

VALUES = np.random.default_rng(3).normal(20.0, 1.0, size=(300, 2))
VALUES[250] = [20.0, 90.0]
ENTITIES = [f"pump {number % 40}" for number in range(300)]
TIMES = np.datetime64("2024-01-01") + np.arange(300) * np.timedelta64(1, "h")


@pytest.mark.parametrize("name", catalog.names("streaming"))
def test_any_split_and_a_restart_in_between_give_the_same_bits(name) -> None:
    whole = StreamDetector(name).update(VALUES, ENTITIES, TIMES)
    detector, parts = StreamDetector(name), []
    for start, stop in [(0, 1), (1, 170), (170, 300)]:
        parts.append(detector.update(VALUES[start:stop], ENTITIES[start:stop], TIMES[start:stop]))
        detector = StreamDetector.from_bytes(detector.to_bytes())
    assert np.concatenate([part.score for part in parts]).tobytes() == whole.score.tobytes()
    assert np.concatenate([part.anomaly for part in parts]).tolist() == whole.anomaly.tolist()
    assert len(detector.entities) == 40


def test_an_alert_comes_for_the_entity_whose_value_is_strange() -> None:
    detector = StreamDetector("adaptive")
    for entity in ("a", "b"):
        assert detector.update(VALUES[:200], entity).anomaly.sum() == 0
    result = detector.update([[20.0, 90.0], [20.0, 20.0]], ["a", "b"])
    assert result.anomaly.tolist() == [True, False]
    assert result.contributions[0].argmax() == 1


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame(VALUES, schema=["x", "y"]),
        pd.DataFrame(VALUES, columns=["x", "y"]),
        pa.table({"x": VALUES[:, 0], "y": VALUES[:, 1]}),
        {"x": VALUES[:, 0], "y": VALUES[:, 1]},
    ],
    ids=["polars", "pandas", "pyarrow", "dict"],
)
def test_tables_of_every_library_give_the_same_scores(table) -> None:
    result = StreamDetector("ewma").update(table)
    assert result.names == ("x", "y")
    assert result.score.tobytes() == StreamDetector("ewma").update(VALUES).score.tobytes()


def test_single_records_are_numbers_or_mappings() -> None:
    detector = StreamDetector("ewma")
    assert detector.update(3.0).names == ("f0",)
    assert detector.update(3).values.tolist() == [[3.0]]
    detector = StreamDetector("ewma")
    detector.update({"load": 1.0, "speed": 2.0})
    assert detector.update({"speed": 5, "load": None}).values[0, 1] == 5.0
    with pytest.raises(DataError, match="StreamDetector was fitted on; missing: load"):
        detector.update({"speed": 5.0})


def test_a_frame_tells_whose_when_and_what() -> None:
    detector = StreamDetector("ewma")
    detector.update({"load": [1.0, 2.0]}, "a")
    frame = detector.update({"load": [1.0, 2.0]}, ["a", "b"], ["2024-01-01", "2024-01-02"]).to_frame()
    assert frame.columns[:7] == ["entity", "time", "score", "probability", "anomaly", "cold", "load"]
    assert frame["entity"].to_list() == ["a", "b"]
    assert frame["time"].dt.day().to_list() == [1, 2]
    assert {"load_expected", "load_lower", "load_upper", "load_contributions"} <= set(frame.columns)


def test_a_result_is_divided_by_entity() -> None:
    result = StreamDetector("ewma").update(VALUES, ENTITIES, TIMES)
    part = result.of("pump 7")
    assert part.score.tolist() == result.score[7::40].tolist()
    assert part.values.tolist() == VALUES[7::40].tolist()
    assert set(part.entity) == {"pump 7"}
    with pytest.raises(DataError, match="'pump 99' has no record in this result; valid are 'pump 0'"):
        result.of("pump 99")


def test_a_forgotten_entity_is_new_again() -> None:
    detector = StreamDetector("ewma")
    first = detector.update(VALUES, 7).score
    detector.update(VALUES, 8)
    detector.forget(7)
    assert detector.update(VALUES, 7).score.tobytes() == first.tobytes()
    assert not detector.update(VALUES[:1], 8).cold[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1.0], [2.0]], ["a"]), r"entity has 1 key\(s\), the data has 2 row"),
        (([[1.0]], 1.5), "entity 1.5 is neither text nor a whole number"),
        (([[1.0]], True), "entity True is neither"),
        (([[1.0]], "a", ["soon"]), "'soon' is no ISO time"),
        (([[1.0, 2.0]],), "X has 2 features, but StreamDetector is expecting 1"),
        (({"a": ["x"]},), "not numeric"),
        (({"a": [1.0], "b": [1.0, 2.0]},), "as many values"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_learnt(arguments, words) -> None:
    detector = StreamDetector("ewma")
    detector.update([[1.0]])
    before = detector.to_bytes()
    with pytest.raises(DataError, match=words):
        detector.update(*arguments)
    assert detector.to_bytes() == before


def test_the_wrong_class_is_told_with_the_right_one() -> None:
    with pytest.raises(UnknownDetectorError, match=r"use StreamDetector, as in `StreamDetector\('ewma'\)"):
        AnomalyDetector("ewma").fit(VALUES)
    with pytest.raises(
        UnknownDetectorError, match=r"use AnomalyDetector, as in `AnomalyDetector\('zscore'\)"
    ):
        StreamDetector("zscore")
    with pytest.raises(
        UnknownDetectorError, match=r"use create_drift, as in `from ad_detectors.catalog import"
    ):
        StreamDetector("ks")
    with pytest.raises(UnknownDetectorError, match="unknown algorithm 'magic'; valid choices: adaptive"):
        StreamDetector("magic")
    with pytest.raises(ParameterError, match="alert_probability"):
        StreamDetector("ewma", alert_probability=2.0)


@pytest.mark.parametrize("library", [np.array, list, pd.Series, pl.Series], ids=lambda each: each.__name__)
def test_one_dimension_is_so_many_records_of_one_feature(library) -> None:
    line = VALUES[:, 1]
    expected = StreamDetector("ewma").update(line.reshape(-1, 1))
    detector = StreamDetector("ewma")
    halves = [detector.update(library(line[:150])), detector.update(library(line[150:]))]
    assert np.concatenate([half.score for half in halves]).tobytes() == expected.score.tobytes()


def test_one_dimension_is_no_record_of_several_features() -> None:
    detector = StreamDetector("ewma")
    detector.update({"load": 1.0, "speed": 2.0})
    with pytest.raises(DataError, match=r"2 values in one dimension .* StreamDetector has 2: load, speed"):
        detector.update([1.0, 2.0])


def test_a_datetime_index_is_the_time_unless_another_is_given() -> None:
    frame = pd.DataFrame(VALUES, columns=["x", "y"], index=pd.DatetimeIndex(TIMES))
    told = StreamDetector("seasonal").update(frame.to_numpy(), time=TIMES)
    found = StreamDetector("seasonal").update(frame)
    assert found.time_ms.tolist() == told.time_ms.tolist()
    assert found.score.tobytes() == told.score.tobytes()
    line = StreamDetector("seasonal").update(frame["x"])
    assert (line.names, line.time_ms.tolist()) == (("x",), told.time_ms.tolist())
    other = StreamDetector("seasonal").update(frame, time=np.arange(300))
    assert other.time_ms.tolist() == list(range(300))
