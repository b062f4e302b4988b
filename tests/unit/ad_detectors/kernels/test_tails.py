"""Look-ups among training values against counting."""

from itertools import chain, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.tails import tail_parts, tail_scores
from tests.oracles.ad_detectors.tails import ecod, part

COLUMNS = ([1.0, 2.0, 2.0, 5.0, 9.0], [-4.0, -3.0, 0.5, 0.5, 0.5], [7.0, 7.0, 7.0, 7.0, 7.0])
SIDE = 1


def tables():
    """What the kernel reads, made of the oracle itself."""
    values = [sorted(set(column)) for column in COLUMNS]
    gaps = [[v[0] - 1, *((a + b) / 2 for a, b in pairwise(v)), v[-1] + 1] for v in values]
    at = [part(x, c, ecod, SIDE) for v, c in zip(values, COLUMNS, strict=True) for x in v]
    # Beyond the ends the kernel adds the growth itself.
    between = [
        np.log(5) if i in (0, len(g) - 1) else part(x, c, ecod, SIDE)
        for g, c in zip(gaps, COLUMNS, strict=True)
        for i, x in enumerate(g)
    ]
    units = np.array([[1.0, 7.0], [4.5, 5e-10], [7e-9, 7e-9]])
    starts = np.concatenate([[0], np.cumsum([len(v) for v in values])])
    return np.concatenate(values), starts, np.array(at), np.array(between), units


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-1e30, 1e30) | st.sampled_from(list(chain(*COLUMNS)))] * 3), min_size=1)
)
def test_scores_and_parts_agree_with_counting(rows) -> None:
    plain = [[part(x, c, ecod, SIDE) for x, c in zip(row, COLUMNS, strict=True)] for row in rows]
    parts = tail_parts(np.array(rows), *tables())
    np.testing.assert_allclose(parts, plain, rtol=1e-9)
    np.testing.assert_allclose(tail_scores(np.array(rows), *tables()), np.sum(plain, axis=1), rtol=1e-9)


def test_rows_of_the_next_tile_score_the_same() -> None:
    rows = np.random.default_rng(1).normal(size=(5000, 3))
    whole = tail_scores(rows, *tables())
    assert np.array_equal(whole[4000:], tail_scores(rows[4000:].copy(), *tables()))
