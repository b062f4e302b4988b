"""Agreement of two configurations, and its sample of scores."""

import numpy as np
import pytest

from ad_detection.domain.agreement import FROM_ONE_CHUNK, MOST_SAMPLED, Agreement
from tests.support.anomalies import anomaly


def alerts(*records: str):
    return [anomaly(record_id=record) for record in records]


def test_alerts_of_both_and_of_one_alone_are_counted_by_record() -> None:
    found = Agreement()
    found.add([alerts("r1", "r2", "r3"), alerts("r2", "r4")], [])
    found.add([alerts("r9"), alerts("r9")], [])
    assert found.summary() | {"rank_correlation": None} == {
        "both": 2, "only_a": 2, "only_b": 1, "rank_correlation": None, "sampled_rows": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("turned", "expected"), [(np.exp, 1.0), (np.negative, -1.0)])
def test_the_correlation_is_that_of_ranks(turned, expected) -> None:
    found, scores = Agreement(), np.random.default_rng(0).normal(size=500)
    found.add([[], []], [scores, turned(scores)])
    assert found.summary()["rank_correlation"] == pytest.approx(expected)


def test_scores_that_are_all_the_same_have_no_correlation() -> None:
    found = Agreement()
    found.add([[], []], [np.zeros(10), np.arange(10.0)])
    assert found.summary()["rank_correlation"] is None


def test_the_sample_is_bounded_and_drawn_from_the_whole_range() -> None:
    found, chunks = Agreement(), 500
    asked = []
    for chunk in range(chunks):
        scores = np.full(FROM_ONE_CHUNK, float(chunk))
        if found.wants_scores():
            asked.append(chunk)
            found.add([[], []], [scores, scores])
        else:
            found.add([[], []], [])
    assert 0 < found.summary()["sampled_rows"] <= MOST_SAMPLED
    assert asked[-1] > chunks * 0.9
    assert len(asked) < chunks / 4
    assert found.summary()["rank_correlation"] == pytest.approx(1.0)


def test_the_rows_of_a_large_chunk_are_spread_over_it() -> None:
    rows = np.arange(10 * FROM_ONE_CHUNK + 1.0)
    found = Agreement()
    found.add([[], []], [rows, np.where(rows < FROM_ONE_CHUNK, rows, -rows)])
    assert 0.9 * FROM_ONE_CHUNK <= found.summary()["sampled_rows"] <= FROM_ONE_CHUNK
    assert found.summary()["rank_correlation"] < 0
