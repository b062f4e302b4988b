"""Contributions for scorers that have no parts of their own."""

from collections.abc import Callable

import numpy as np

from ad_detectors.matrix import Floats


def path_contributions(
    score: Callable[[Floats], Floats], matrix: Floats, expected: Floats
) -> tuple[float, Floats]:
    """Walk from each row to the expected one, feature by feature; each step's fall in score is a contribution.

    The feature whose replacement alone lowers the score most goes first. The steps add up to the score of the row
    minus that of the expected row, the baseline. Costs 2 d + 2 scorings of the rows.

    Parameters
    ----------
    score : callable
        From rows (n, d) to scores (n,), each row for itself.
    matrix : float64 of shape (n, d)
    expected : float64 of shape (d,)

    Source
    ------
    One path of the sampled ones of Štrumbelj and Kononenko 2014, chosen greedily, so that equal calls explain equally.

    Examples
    --------
    >>> baseline, parts = path_contributions(lambda rows: rows[:, 0] + 2 * rows[:, 1], np.ones((1, 2)), np.zeros(2))
    >>> baseline, parts.tolist()
    (0.0, [[1.0, 2.0]])
    """
    full = score(matrix)
    contributions = np.zeros(matrix.shape)
    for feature, value in enumerate(expected):
        without = matrix.copy()
        without[:, feature] = value
        contributions[:, feature] = full - score(without)
    order = np.argsort(-contributions, axis=1, kind="stable")
    rows, current, before = np.arange(len(matrix)), matrix.copy(), full
    for place in range(matrix.shape[1]):
        feature_of = order[:, place]
        current[rows, feature_of] = expected[feature_of]
        after = score(current)
        contributions[rows, feature_of] = before - after
        before = after
    return float(score(expected.reshape(1, -1))[0]), contributions
