"""Scores of training rows as if they had not been trained on, for detectors that remember their rows."""

from collections.abc import Callable

import numpy as np

from ad_detectors.calibration.order import memory_of
from ad_detectors.matrix import Floats

Score = Callable[[Floats], Floats]

MEMORIES = 10
"""A block of rows that hang together is so many times as long as they do: its ends are the smaller part."""


def unseen_by_folds(
    make: Callable[[Floats], Score], matrix: Floats, folds: int = 5, most_rows: int = 20_000
) -> Floats:
    """Score each fold of the rows by what was learnt from the other folds.

    Every `folds`-th row is in the same fold, so that rows in order of time are spread over all of them; where
    rows hang together with those around them, every `folds`-th block of rows. The scores come from models of a
    little less data than the final one, and so are slightly pessimistic. Of more than `most_rows` rows a part,
    evenly spread, takes the place of all.

    Parameters
    ----------
    make : callable
        Fits to rows of shape (m, d) and returns a function from rows (n, d) to scores (n,).
    matrix : float64 of shape (n, d)
    folds : int, default 5
        Fewer where there are fewer rows. A single row is scored by what was learnt from itself.
    most_rows : int, default 20,000
        Bounds the cost: fits see at most this many rows.

    Returns
    -------
    float64 of shape (min(n, most_rows),)
        In the order of the rows.

    Examples
    --------
    >>> rows = np.array([[0.0], [1.0], [5.0]])
    >>> unseen_by_folds(lambda known: lambda other: abs(other[:, 0] - known.mean()), rows).tolist()
    [3.0, 1.5, 4.5]
    """
    count = min(len(matrix), most_rows)
    rows = matrix[np.linspace(0, len(matrix) - 1, count).round().astype(np.int64)]
    if count == 1:
        return make(rows)(rows)
    block = max(min(MEMORIES * memory_of(rows), count // folds), 1)
    fold = np.arange(count) // block % min(folds, count)
    scores = np.empty(count)
    for held in range(min(folds, count)):
        scores[fold == held] = make(rows[fold != held])(rows[fold == held])
    return scores
