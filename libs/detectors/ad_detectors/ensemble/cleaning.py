"""Which training rows may stand for normal: those that random forests do not call strange."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.matrix import Floats
from ad_detectors.tabular.isolation_forest import IsolationForest

TREES = 100


def strangeness(matrix: Floats, seed: int) -> tuple[IsolationForest, Floats]:
    """How strange two isolation forests find each row, one that sees values and one that sees ranks.

    A forest splits between the smallest and the largest value: it finds what is far out. On ranks every value
    is as likely a split: that forest finds rare combinations of ordinary values. Neither needs a row's
    neighbours, so a group of anomalies cannot hide in its own company. The forest of values is returned too.

    >>> rows = np.append(np.linspace(0.0, 1.0, 99), 50.0).reshape(-1, 1)
    >>> int(np.argmax(strangeness(rows, seed=0)[1]))
    99
    """
    ranks = mid_ranks(matrix)
    values_forest, ranks_forest = (
        IsolationForest(trees=TREES, seed=seed).as_member().fit(view) for view in (matrix, ranks)
    )
    return values_forest, standardised(values_forest.score(matrix)) + standardised(ranks_forest.score(ranks))


def mid_ranks(matrix: Floats) -> Floats:
    """The share of rows below each value, equal ones counted half, feature by feature.

    >>> mid_ranks(np.array([[5.0], [7.0], [7.0], [9.0]]))[:, 0].tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    ranks = np.empty(matrix.shape)
    for feature, column in enumerate(matrix.T):
        ordered = np.sort(column)
        below = np.searchsorted(ordered, column, "left") + np.searchsorted(ordered, column, "right")
        ranks[:, feature] = below / (2.0 * len(ordered))
    return ranks


def least_strange(strange: Floats, share: float) -> NDArray[np.bool_]:
    """Which rows are left when this share of them, the strangest, is set aside."""
    return np.asarray(strange <= np.quantile(strange, 1.0 - share), np.bool_)


def standardised(scores: Floats) -> Floats:
    """Scores in standard deviations from their mean; zeros where they are all the same."""
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread > 0.0 else np.zeros(len(scores))
