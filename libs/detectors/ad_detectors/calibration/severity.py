"""Severity: one word for how improbable an anomaly is."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

Severity = Literal["low", "medium", "high", "critical"]
NAMES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
STEPS = (1e-5, 1e-4, 1e-3)


def severities(probability: ArrayLike) -> list[Severity]:
    """Grade tail probabilities: one in 1,000 is medium, one in 10,000 high, one in 100,000 critical.

    Examples
    --------
    >>> severities([0.02, 0.001, 0.00001])
    ['low', 'medium', 'critical']
    """
    rank = np.searchsorted(np.array(STEPS), np.atleast_1d(probability), side="left")
    return [NAMES[len(STEPS) - int(steps)] for steps in rank]
