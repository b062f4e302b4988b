"""How long training rows hang together with the ones before them."""

import numpy as np

from ad_detectors.matrix import Floats

LONGEST = 50
FEWEST_ROWS = 4 * LONGEST
MOST_ROWS = 10_000
ALIKE = 0.1
CLIPPED = (0.01, 0.99)


def memory_of(matrix: Floats) -> int:
    """For how many rows the autocorrelation, the mean over the features, stays above a tenth.

    A row of a process in time has its likeness among the rows around it. A row to come has not yet: compared
    with the training rows it is stranger than any of these compared with the others. So, to score training
    rows as if they were to come, those around a row have to be left out with it.

    0 for rows in no order, and also where 50 rows are not enough: slow changes cannot be told from a table that is
    sorted by a value, and leaving out the rows of similar value would make each look strange.

    Parameters
    ----------
    matrix : float64 of shape (n, d)
        In the order of training; the first 10,000 rows are looked at.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(2000, 1))
    >>> memory_of(noise), memory_of(noise[:-2] + noise[1:-1] + noise[2:]), memory_of(np.sort(noise, axis=0))
    (0, 2, 0)
    """
    rows = matrix[:MOST_ROWS]
    if len(rows) < FEWEST_ROWS:
        return 0
    units = _standardised(rows)
    noise = 3.0 / np.sqrt(len(rows))
    for lag in range(1, LONGEST + 1):
        alike = float((units[:-lag] * units[lag:]).sum(axis=0).mean())
        if alike < max(ALIKE, noise):
            return lag - 1
    return 0


def _standardised(rows: Floats) -> Floats:
    """Columns of length 1 around their mean, without far values; zeros where a column is constant."""
    clipped = np.clip(rows, *np.quantile(rows, CLIPPED, axis=0))
    # In units of the largest magnitude, no square overflows.
    clipped = clipped / np.maximum(np.abs(clipped).max(axis=0), np.finfo(np.float64).tiny)
    centred = clipped - clipped.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    units: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-9)
    return units
