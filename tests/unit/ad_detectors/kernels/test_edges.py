"""The compiled update against counts that are all kept and p-values that are counted anew."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.graph.edge_stream import EdgeStream
from tests.oracles.ad_detectors.edges import Tail, counted

TICK_MS = 1000


def agree(sources, destinations, times, **parameters):
    detector = EdgeStream(
        tick_seconds=1, half_life=5.3, width=65_536, warm_up=20, warm_up_ticks=3, **parameters
    )
    columns = [np.asarray(column, np.int64) for column in (sources, destinations, times)]
    result = detector.update(detector.new_state(), *columns)
    ticks = np.maximum.accumulate(columns[2] // TICK_MS - columns[2][0] // TICK_MS + 1)
    share = 1 - 0.5 ** (1 / 5.3)
    tails = [Tail(detector.parameters.history) for _ in range(5)]
    for row, (seen, expected, new) in enumerate(counted(sources, destinations, ticks.tolist(), share)):
        assert result.seen[row, : len(seen)].tolist() == seen
        np.testing.assert_allclose(result.expected[row, : len(seen)], expected, rtol=1e-5, atol=1e-9)
        assert result.new_edge[row] == new == (not np.isnan(result.seen[row, 3]))
        if row and ticks[row] > ticks[row - 1]:
            for tail in tails:
                tail.end_tick()
        check_scores(
            result, row, tails, cold=row < 20 or ticks[row] <= 3, learns=row >= 10 and 2 * ticks[row] > 3
        )
    return result


def check_scores(result, row, tails, *, cold, learns) -> None:
    """From the counts that the kernel tells, so that a rounded mean does not change a bucket."""
    seen, expected = np.nan_to_num(result.seen[row]), np.nan_to_num(result.expected[row])
    raws = [max(s - e, 0.0) / math.sqrt(e + 1.0) for s, e in zip(seen, expected, strict=True)]
    assert result.cold[row] == cold
    if not cold:
        probabilities = [tail.probability(raw) for tail, raw in zip(tails, raws, strict=True)]
        np.testing.assert_allclose(result.parts[row], -np.log10(probabilities), rtol=1e-6, atol=1e-12)
        np.testing.assert_allclose(result.probability[row], min(5 * min(probabilities), 1.0), rtol=1e-6)
    if learns:
        for tail, raw in zip(tails, raws, strict=True):
            tail.waiting.append(raw)


@pytest.mark.parametrize("history", [1000, 1_000_000])
def test_update_does_what_the_plain_counts_do(history) -> None:
    generator = np.random.default_rng(3)
    sources, destinations = generator.integers(0, 12, size=(2, 2500))
    times = np.sort(generator.integers(0, 120_000, 2500))
    sources[2000:2040], destinations[2000:2040] = 3, np.arange(40) + 100
    result = agree(sources.tolist(), destinations.tolist(), times.tolist(), history=history)
    assert result.new_edge[2000:2040].all()
    assert result.score.max() > 2.0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1), st.integers(-3000, 30_000)),
        min_size=1,
        max_size=80,
    )
)
def test_update_does_what_the_plain_counts_do_on_any_edges(edges) -> None:
    agree(*(list(column) for column in zip(*edges, strict=True)))
