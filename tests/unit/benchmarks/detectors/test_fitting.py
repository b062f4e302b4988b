"""What a fit costs, in the units that the table names."""

import numpy as np
import pytest

from benchmarks.detectors import fitting
from benchmarks.detectors.fitting import Fit, figures


class Twice:
    """A detector of another library."""

    def fit(self, matrix: np.ndarray) -> None:
        np.sort(matrix, axis=0)


@pytest.mark.parametrize("peer", [None, Twice])
def test_the_memory_of_a_fit_is_that_of_its_copies_of_the_matrix(peer) -> None:
    found = fitting._fit("zscore", np.random.default_rng(0).normal(size=(3000, 20)), peer)
    assert 1.5 < found.memory < 6.0
    assert found.shape == (3000, 20)
    assert min(found.seconds, found.explain_seconds) > 0.0
    assert (found.theirs is None) == (peer is None)


def test_a_fit_that_takes_half_as_long_is_twice_as_fast() -> None:
    named = {
        figure.figure: figure for figure in figures([Fit("lof", (2000, 200), 0.25, 6.5, 0.018, theirs=0.5)])
    }
    assert named["lof.fit.2000x200.vs_pyod"].value == 2.0
    assert named["lof.fit.2000x200.memory"].value == 6.5
    assert named["lof.fit.2000x200.explain_ms"].value == pytest.approx(18.0)
    assert all(figure.ok for figure in named.values())
