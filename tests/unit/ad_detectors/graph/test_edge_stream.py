"""Interaction streams that look like real ones: few nodes talk much, most little."""

import numpy as np
import pytest

from ad_detectors.graph.edge_stream import EdgeStream
from ad_detectors.graph.keys import hash_keys


def traffic(count=60_000, nodes=500, per_second=5, seed=1):
    generator = np.random.default_rng(seed)
    weights = 1.0 / np.arange(1, nodes + 1)
    sources = generator.choice(nodes, count, p=weights / weights.sum())
    peers = generator.integers(0, nodes, (nodes, 15))
    destinations = peers[sources, (generator.random(count) ** 2 * 15).astype(int)]
    times = np.cumsum(generator.exponential(1000 / per_second, count)).astype(np.int64)
    return sources, destinations, times


def run(edges, **parameters):
    detector = EdgeStream(**parameters)
    return detector.update(detector.new_state(), *edges)


@pytest.mark.parametrize("per_second", [1, 10, 100])
@pytest.mark.parametrize("seed", [1, 2])
def test_one_in_a_thousand_is_at_most_twice_as_often_at_any_rate(per_second, seed) -> None:
    result = run(traffic(200_000, per_second=per_second, seed=seed))
    warm = ~result.cold
    assert warm.sum() > 100_000
    for level in (1e-2, 1e-3):
        assert (result.probability[warm] <= level).mean() <= 2 * level


def test_parts_name_who_is_unusual() -> None:
    sources, destinations, times = traffic()
    spread = slice(50_000, 50_100)
    destinations[spread] = 17
    sources[spread] = np.arange(100) + 100_000
    result = run((sources, destinations, times))
    last = 50_099
    assert result.anomaly[spread][10:].all()
    assert result.reason(last) in {"destination", "fan_in"}
    assert result.destination_score[last] > result.source_score[last]
    assert result.describe(0) == "too little was seen before"


def test_a_scan_by_a_busy_node_is_seen_by_its_new_acquaintances() -> None:
    sources, destinations, times = traffic()
    own = np.flatnonzero(sources[50_000:] == 0)[:60] + 50_000
    destinations[own] = np.arange(60) + 1000
    result = run((sources, destinations, times))
    assert result.anomaly[own].mean() > 0.5
    worst = own[result.score[own].argmax()]
    assert result.reason(worst) == "fan_out"
    assert "new destinations of the source in this tick" in result.describe(worst)


def test_an_edge_is_new_once_and_again_after_it_was_forgotten() -> None:
    ticks = np.array([0, 0, 1, 5, 5 + 100, 5 + 101])
    edges = np.zeros(6, np.int64), np.ones(6, np.int64), ticks * 60_000
    assert run(edges, half_life=10).new_edge.tolist() == [True, False, False, False, True, False]


def test_what_lasts_becomes_normal() -> None:
    sources, destinations, times = traffic(120_000)
    steady = slice(30_000, None, 20)
    sources[steady], destinations[steady] = 400, 401
    alerts = run((sources, destinations, times), half_life=30).anomaly[steady]
    assert alerts[:20].mean() > 0.3
    assert alerts[-1000:].mean() < 0.02


def test_names_and_their_numbers_give_the_same_counts() -> None:
    sources, destinations, times = traffic(3000)
    first = run((sources, destinations, times))
    named = run((hash_keys(sources.astype(str)), hash_keys(destinations.astype(str)), times))
    np.testing.assert_array_equal(first.seen, named.seen)


def test_the_promised_size_of_the_state_holds() -> None:
    state = EdgeStream().new_state()
    assert sum(array.nbytes for array in state.values()) <= 60 * 8192 * 4 + 5400
