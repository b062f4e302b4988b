"""What a batch leads to."""

import numpy as np
import polars as pl

from ad_detection.domain.results import Results, ScoreBlock
from tests.support.anomalies import anomaly
from tests.support.records import sensor_rule


def test_scores_count_among_what_there_is_to_tell() -> None:
    rows = 7
    block = ScoreBlock(
        rule=sensor_rule(),
        algorithm="adaptive",
        record_ids=pl.Series(["r"] * rows),
        entities=pl.Series([None] * rows, dtype=pl.String),
        time_ms=np.zeros(rows, np.int64),
        score=np.zeros(rows),
        probability=np.ones(rows),
        label=np.zeros(rows, np.bool_),
        late=np.zeros(rows, np.bool_),
    )
    assert Results().told == 0
    assert Results(anomalies=[anomaly()], scores=[block, block]).told == 1 + 2 * rows
