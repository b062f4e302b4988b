"""The compiled way from raw score to alert against the plain one."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge
from ad_detectors.kernels.conformal import BUCKETS
from ad_detectors.kernels.highest import LISTED
from tests.oracles.ad_detectors.alerts import Judge


@dataclass
class Parameters:
    warm_up: int = 8
    alert_probability: float = 0.05
    pause_share: float = 0.2
    longest_pause: int = 6
    breakthrough: float = 2.0
    history: int = 64


def judged(raws, parts, p):
    rows = len(raws)
    zeros = {name: np.zeros(1) for name in ("total", "largest", "listed", "floor", "alerted")}
    highest = {name: np.zeros((1, LISTED), np.float32) for name in ("highest", "weights")}
    whole = {name: np.zeros(1, np.int64) for name in ("rows", "pause")}
    tail = Tail(counts=np.zeros((1, BUCKETS), np.float32), **highest, **zeros, **whole)
    policy = Policy(p.warm_up, p.alert_probability, p.pause_share, p.longest_pause, p.breakthrough, p.history)
    flags, bounds = (np.zeros(rows, np.bool_) for _ in range(2)), (np.zeros((rows, 2)) for _ in range(3))
    output = Output(np.zeros(rows), np.ones(rows), *flags, *bounds, np.array([parts] * rows))
    for row, raw in enumerate(raws):
        judge(tail, policy, 0, raw, row, output)
    return output


RAWS = st.lists(st.one_of(st.floats(0.0, 100.0), st.just(math.nan), st.just(1.0)), min_size=1, max_size=150)


@settings(max_examples=60, deadline=None)
@given(RAWS, st.sampled_from([(1.0, 3.0), (0.0, 2.0), (0.0, 0.0)]))
def test_alerts_are_those_of_the_plain_judge(raws, parts) -> None:
    plain = Judge(Parameters())
    said = [plain.update(raw, parts, ([], [], [])) for raw in raws]
    output = judged(raws, parts, Parameters())
    assert output.anomaly.tolist() == [row.anomaly for row in said]
    assert output.cold.tolist() == [row.cold for row in said]
    np.testing.assert_allclose(output.score, [row.score for row in said], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(
        output.contributions, [row.contributions for row in said], rtol=1e-12, atol=1e-15
    )


def test_in_the_pause_only_twice_as_much_is_an_alert() -> None:
    output = judged([1.0] * 60 + [10.0, 19.0, 21.0, 1.0], (1.0, 1.0), Parameters())
    assert output.anomaly[60:].tolist() == [True, False, True, False]


@pytest.mark.parametrize(("values", "found"), [([math.nan, math.nan], False), ([math.nan, 0.0], True)])
def test_a_row_has_a_value_unless_all_are_missing(values, found) -> None:
    assert has_value(np.array(values)) == found
