"""The share of false discoveries, simulated: the mean over 100 runs varies by about a hundredth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.calibration.fdr import RATES, WEIGHTS, OnlineFDR, adjusted
from ad_detectors.errors import DataError, ParameterError

P_VALUES = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 1e-9, 0.01, 1.0]), min_size=1, max_size=60)
RATE, MARGIN = 0.1, 0.015


def simulated(decide, *, anomalies, strength, runs=100, count=2000, correlation=0.0):
    """Mean share of false discoveries, and mean share of anomalies found."""
    from scipy.stats import norm

    false, found = [], []
    for seed in range(runs):
        generator = np.random.default_rng(seed)
        true = generator.random(count) < anomalies
        noise = generator.normal(size=count) * np.sqrt(1 - correlation)
        z = noise + generator.normal() * np.sqrt(correlation) + strength * true
        chosen = decide(norm.sf(z))
        false.append((chosen & ~true).sum() / max(chosen.sum(), 1))
        found.append((chosen & true).sum() / max(true.sum(), 1))
    return np.mean(false), np.mean(found)


def online(values):
    control = OnlineFDR(rate=RATE)
    return control.decide(control.new_state(), values)


DECISIONS = {
    "Benjamini-Hochberg": lambda values: adjusted(values) <= RATE,
    "Benjamini-Yekutieli": lambda values: adjusted(values, dependent=True) <= RATE,
    "LORD++": online,
}


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize(("anomalies", "strength"), [(0.0, 0.0), (0.01, 4.0), (0.1, 3.0), (0.4, 3.0)])
def test_false_discoveries_stay_at_or_below_the_rate(name, anomalies, strength) -> None:
    # Without any anomaly every discovery is false: the share is 0 or 1, and its mean varies by 0.03.
    margin = MARGIN if anomalies else 0.06
    false, found = simulated(DECISIONS[name], anomalies=anomalies, strength=strength)
    assert false <= RATE + margin
    assert found >= 0.3 or not anomalies


def test_they_do_so_under_dependence_by_benjamini_and_yekutieli() -> None:
    false, _ = simulated(DECISIONS["Benjamini-Yekutieli"], anomalies=0.05, strength=3.0, correlation=0.5)
    assert false <= RATE + MARGIN


@settings(deadline=None)
@given(P_VALUES, st.floats(0.001, 0.5))
def test_adjusted_values_reject_what_the_step_up_procedure_rejects(values, rate) -> None:
    ordered, count = sorted(values), len(values)
    passing = [rank for rank in range(1, count + 1) if ordered[rank - 1] <= rate * rank / count * (1 - 1e-12)]
    rejected = adjusted(values) <= rate
    assert rejected.sum() >= max(passing, default=0)
    bound = rate * max(rejected.sum(), 1) / count * (1 + 1e-12)
    assert all(value <= bound for value in np.array(values)[rejected])


@settings(deadline=None)
@given(P_VALUES)
def test_online_decisions_are_those_of_the_levels_summed_over_all_discoveries(values) -> None:
    """LORD++ by its definition, with every discovery remembered."""
    scaled = [value * RATE for value in values]

    def spent(tests):
        return float((WEIGHTS * RATES**tests).sum())

    discoveries, expected = [], []
    for test, value in enumerate(scaled):
        level = RATE / 2 * spent(test)
        for number, when in enumerate(discoveries):
            level += (RATE if number else RATE / 2) * spent(test - when - 1)
        expected.append(value <= level)
        if expected[-1]:
            discoveries.append(test)
    assert online(scaled).tolist() == expected


def test_any_split_gives_the_same_decisions_and_the_same_state() -> None:
    values = np.random.default_rng(0).random(3000) ** 3
    control = OnlineFDR(rate=0.05)
    whole = control.new_state()
    expected = control.decide(whole, values)
    assert 0 < expected.sum() < 3000
    for size in (1, 7, 1000):
        state, found = control.new_state(), []
        for start in range(0, len(values), size):
            state = {name: array.copy() for name, array in state.items()}
            found += control.decide(state, values[start : start + size]).tolist()
        assert found == expected.tolist()
        assert all(state[name].tobytes() == whole[name].tobytes() for name in whole)


def test_all_wealth_is_spent_and_no_more() -> None:
    assert np.isclose((WEIGHTS / (1 - RATES)).sum(), 1.0)


def test_unusable_input_is_refused() -> None:
    for wrong in ([1.1], [-0.1], [np.nan], [[0.5]]):
        with pytest.raises(DataError, match="within"):
            adjusted(wrong)
    with pytest.raises(ParameterError, match=r"'rate' is 0\.9; valid is a number from 1e-06 to 0\.5"):
        OnlineFDR(rate=0.9)
    with pytest.raises(DataError, match="not a state of OnlineFDR"):
        OnlineFDR().decide({}, [0.5])
