"""Alerts per day, simulated."""

import numpy as np
import pytest

from ad_detectors.calibration.budget import AlertBudget
from ad_detectors.calibration.threshold import DAY_MS
from ad_detectors.errors import DataError, ParameterError


def stream(days, per_day, *, daily=False, seed=1):
    """Event times; with `daily` twenty times as many at noon as at midnight."""
    generator = np.random.default_rng(seed)
    moments = np.sort(generator.random(int(days * per_day)) * days)
    if daily:
        moments = moments - 0.9 * np.sin(2 * np.pi * moments) / (2 * np.pi)
    return (np.sort(moments) * DAY_MS).astype(np.int64), generator.random(len(moments))


def alerts(budget, times, values):
    return budget.alerts(budget.new_state(), values * 0, values, times)


@pytest.mark.parametrize("daily", [False, True])
@pytest.mark.parametrize(
    ("per_day", "wanted", "days"), [(2000, 1, 200), (20_000, 10, 60), (100_000, 100, 20)]
)
def test_right_probabilities_give_half_to_all_of_the_budget(per_day, wanted, days, daily) -> None:
    times, values = stream(days, per_day, daily=daily)
    found = alerts(AlertBudget(alerts_per_day=wanted), times, values).sum() / days
    assert 0.5 * wanted <= found <= wanted


@pytest.mark.parametrize("factor", [0.1, 0.01, 1e-9])
def test_probabilities_that_are_much_too_small_cannot_exceed_the_budget(factor) -> None:
    times, values = stream(30, 20_000)
    chosen = AlertBudget(alerts_per_day=10)
    found = alerts(chosen, times, values * factor)
    at = times[found]
    assert 0.8 * 300 <= len(at) <= 310
    for start in range(30):
        within = ((at >= start * DAY_MS) & (at < (start + 1) * DAY_MS)).sum()
        assert within <= 20, "in T days at most 10 · T + 10"


def test_a_part_of_a_token_buys_no_alert() -> None:
    found = alerts(AlertBudget(alerts_per_day=4.5), np.zeros(100, np.int64), np.full(100, 1e-300))
    assert found.sum() == 4


def test_when_much_is_spent_only_the_least_probable_are_alerts() -> None:
    times, values = stream(10, 20_000)
    values *= 0.01
    values[::5000] = 1e-9
    found = alerts(AlertBudget(alerts_per_day=10), times, values)
    assert found[::5000].mean() >= 0.9
    assert found.mean() < 0.001


def test_after_a_silence_ordinary_records_are_no_alerts() -> None:
    times, values = stream(2, 10_000)
    times[10_000:] += 300 * DAY_MS
    found = alerts(AlertBudget(alerts_per_day=10, largest_probability=1e-3), times, np.maximum(values, 2e-3))
    assert not found.any()


def test_a_rush_of_records_lowers_the_level_at_once() -> None:
    budget = AlertBudget(alerts_per_day=10)
    state = budget.new_state()
    times, values = stream(2, 10_000)
    budget.alerts(state, values, np.ones_like(values), times)
    usual = budget.level(state)
    rush = np.full(50_000, times[-1])
    budget.alerts(state, values[:1].repeat(50_000), np.ones(50_000), rush)
    assert usual == pytest.approx(1e-3, rel=0.5)
    assert budget.level(state) < usual / 50


def test_any_split_gives_the_same_alerts_and_the_same_state() -> None:
    times, values = stream(4, 3000)
    late = np.random.default_rng(2).random(len(times)) < 0.3
    times[late] -= 5 * 3_600_000
    budget = AlertBudget(alerts_per_day=20)
    whole = budget.new_state()
    expected = budget.alerts(whole, values * 0, values, times)
    assert expected.any()
    for size in (1, 7, 1000):
        state, found = budget.new_state(), []
        for start in range(0, len(times), size):
            state = {name: array.copy() for name, array in state.items()}
            part = slice(start, start + size)
            found += budget.alerts(state, values[part], values[part], times[part]).tolist()
        assert found == expected.tolist()
        assert all(state[name].tobytes() == whole[name].tobytes() for name in whole)


def test_no_records_are_no_alerts_and_unusable_input_is_refused() -> None:
    budget = AlertBudget()
    none = np.zeros(0)
    assert budget.alerts(budget.new_state(), none, none, none.astype(np.int64)).tolist() == []
    with pytest.raises(DataError, match="not a state of AlertBudget"):
        budget.alerts({}, none, none, none.astype(np.int64))
    with pytest.raises(DataError, match="1 probabilities came with 2 times"):
        budget.alerts(budget.new_state(), none, np.ones(1), np.arange(2))
    with pytest.raises(ParameterError, match=r"'alerts_per_day' is 0; valid is a number from 0\.001"):
        AlertBudget(alerts_per_day=0)
