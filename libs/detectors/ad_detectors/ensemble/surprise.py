"""What makes the scores of different detectors comparable: how rarely a normal row scores as high."""

import numpy as np

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.matrix import Floats


def surprise(probability: Floats) -> Floats:
    """-log10 of tail probabilities: 3 is one in a thousand.

    >>> surprise(np.array([1.0, 0.001])).tolist()
    [0.0, 3.0]
    """
    return np.asarray(0.0 - np.log10(probability), np.float64)


def mean_probability(calibrations: tuple[TailCalibration, ...], scores: tuple[Floats, ...]) -> Floats:
    """The mean over several detectors of the probability that a normal row scores as high."""
    total = np.zeros(len(scores[0]))
    for calibration, score in zip(calibrations, scores, strict=True):
        total += calibration.probability(score)
    return total / len(scores)
