"""What all detectors with a conformal p-value share, shown with the smallest of them."""

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.errors import DataError, ParameterError
from ad_detectors.streaming.conformal import ConformalDetector
from ad_detectors.streaming.ewma import EWMA
from tests.support.streaming_twins import run

NAMES = [
    name
    for name in catalog.names("streaming")
    if issubclass(catalog.get(name, "streaming").detector_type, ConformalDetector)
]
NOISE = {
    "normal": lambda generator, size: generator.normal(size=size),
    "heavy tails": lambda generator, size: generator.standard_t(3, size=size),
    "skewed": lambda generator, size: generator.exponential(size=size),
    "even": lambda generator, size: generator.random(size=size),
    "two clusters": lambda generator, size: (
        generator.normal(size=size) + 8.0 * generator.integers(0, 2, size)
    ),
    "few values": lambda generator, size: generator.poisson(3.0, size=size),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("noise", NOISE)
def test_one_in_a_hundred_is_that_or_less_for_any_noise(name, noise) -> None:
    small = {"trees": 10, "sample": 64} if name == "random_cut_forest" else {}
    detector = catalog.create_streaming(name, **small)
    result = run(detector, NOISE[noise](np.random.default_rng(3), 6000))
    assert (result.probability[1000:] < 0.01).mean() < 0.018
    assert result.anomaly[1000:].sum() < 30


@pytest.mark.parametrize("name", NAMES)
def test_a_spike_is_an_alert_when_the_entity_is_32_rows_old(name) -> None:
    values = np.random.default_rng(5).normal(size=42)
    values[40] = 40.0
    result = run(catalog.create_streaming(name), values)
    assert result.score[40] == result.score.max() > 0
    if name not in {"half_space_trees", "random_cut_forest"}:
        assert result.anomaly[40]


@pytest.mark.parametrize("name", NAMES)
def test_the_alert_level_is_a_probability(name) -> None:
    detector = catalog.create_streaming(name, alert_probability=0.001)
    assert detector.threshold == pytest.approx(3.0)
    result = run(detector, np.random.default_rng(0).normal(size=3000))
    assert (result.score[result.anomaly] > detector.threshold).all()
    assert result.anomaly.sum() <= 6


def test_after_an_alert_there_is_a_pause_that_something_larger_ends() -> None:
    values = np.random.default_rng(1).normal(size=1000)
    values[900], values[905], values[910] = 10.0, 12.0, 80.0
    result = run(EWMA(), values)
    assert result.anomaly[[900, 905, 910]].tolist() == [True, False, True]
    assert run(EWMA(pause_share=0), values).anomaly[905]


def test_the_bounds_are_where_a_value_becomes_an_alert() -> None:
    values = np.random.default_rng(2).normal(size=3000)
    result = run(EWMA(), values)
    outside = (result.upper[:, 0] < values) | (result.lower[:, 0] > values)
    warm = ~result.cold
    assert (outside == (result.probability < 0.01))[warm].mean() > 0.999


def test_a_state_of_another_detector_or_of_other_parameters_is_refused() -> None:
    detector, slots, row = EWMA(), np.zeros(1, np.int64), [[1.0]]
    state = detector.new_state(1)
    with pytest.raises(DataError, match="'ewma': the arrays differ in pause"):
        detector.update({k: v for k, v in state.items() if k != "pause"}, slots, row, slots)
    with pytest.raises(DataError, match="'known' of the state must be writable"):
        detector.update({**state, "known": state["known"].astype(np.int32)}, slots, row, slots)
    with pytest.raises(DataError, match=r"'total' of the state has shape \(2,\), the parameters need \(1,\)"):
        detector.update({**state, "total": np.zeros(2)}, slots, row, slots)
    state["level"].setflags(write=False)
    with pytest.raises(DataError, match="copy a snapshot"):
        detector.update(state, slots, row, slots)


def test_lengths_and_slots_are_checked() -> None:
    detector = EWMA()
    state = detector.new_state(2)
    with pytest.raises(DataError, match="slots 0 to 1"):
        detector.update(state, np.array([-1]), [[1.0]], np.array([0]))
    with pytest.raises(DataError, match="1 rows came with 1 slots and 2 times"):
        detector.update(state, np.array([0]), [[1.0]], np.array([0, 1]))
    with pytest.raises(ParameterError, match="'capacity' is 0; valid is a whole number of at least 1"):
        detector.new_state(0)
    with pytest.raises(
        ParameterError, match=r"'alert_probability' is 1; valid is a number from 1e-06 to 0.5"
    ):
        EWMA(alert_probability=1)
