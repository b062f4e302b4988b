"""COPOD: how far out in the tail to which each feature leans."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters
from ad_detectors.tabular.ecdf import TailDetector


@dataclass(frozen=True, kw_only=True)
class COPODParameters(Parameters):
    """`COPOD` has no parameters."""


class COPOD(TailDetector):
    """Copula-based outlier detection; there is nothing to choose.

    Idea: as `ecod`, but a feature counts -log of the share in the tail to which it is skewed, or the mean of
    both tails where that is more. Assumes that anomalies lie in the longer tail of a feature, each feature
    telling for itself. Beyond the training values the share falls with the square of the distance from the
    median. On the training rows the scores are those of PyOD's COPOD, to 1e-9; unseen rows are compared with
    the training rows only, while PyOD counts the rows of the call too. Fitting costs O(n · d · log n), scoring
    O(d · log n) per row. Of more than 100,000 different values of a feature, 100,000 are kept: the outermost
    and evenly spread ones.

    Parameters
    ----------
    None.

    Source
    ------
    Li, Zhao, Botta, Ionescu and Hu, COPOD: Copula-Based Outlier Detection, ICDM 2020.

    Examples
    --------
    >>> detector = COPOD().fit([[1.0], [2.0], [3.0], [4.0], [10.0]])
    >>> detector.score([[3.0], [10.0], [1.0]]).round(2).tolist()
    [0.51, 1.61, 0.8]
    """

    name = "copod"
    parameters_type = COPODParameters
    parameters: COPODParameters

    def _joined(self, left: Floats, right: Floats, skewness: float) -> Floats:
        leaning = left * (skewness <= 0.0) + right * (skewness >= 0.0)
        return np.maximum(leaning, 0.5 * (left + right))
