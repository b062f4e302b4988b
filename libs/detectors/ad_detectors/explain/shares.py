"""How a score is dealt out when something else tells in which proportion."""

import numpy as np

from ad_detectors.matrix import Floats


def as_shares(parts: Floats) -> Floats:
    """What is positive, as shares of its sum per row; equal shares where nothing is.

    Parameters
    ----------
    parts : float64 of shape (n, d)
        What each feature adds; one that takes something off has no share.

    Examples
    --------
    >>> as_shares(np.array([[3.0, 1.0], [2.0, -1.0], [0.0, 0.0]])).tolist()
    [[0.75, 0.25], [1.0, 0.0], [0.5, 0.5]]
    """
    adding = np.maximum(parts, 0.0)
    total = adding.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(
        adding, total, out=np.full_like(adding, 1.0 / parts.shape[1]), where=total > 0.0
    )
    return shares
