"""ECOD: how far out in the tails of the training values, feature by feature."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters
from ad_detectors.tabular.ecdf import TailDetector


@dataclass(frozen=True, kw_only=True)
class ECODParameters(Parameters):
    """`ECOD` has no parameters."""


class ECOD(TailDetector):
    """Outlier detection by empirical cumulative distributions; there is nothing to choose.

    Idea: for each feature, the share of training values that are at least as small, and as large, as a value;
    the score sums -log of the smaller share over the features. Assumes that features tell of anomalies each
    for itself, in the tails: a gap between two modes is not seen. Beyond the training values the share falls
    with the square of the distance from the median, so farther out is more anomalous. On the training rows
    the scores are those of PyOD's ECOD, to 1e-9; unseen rows are compared with the training rows only, while
    PyOD counts the rows of the call too. Fitting costs O(n · d · log n), scoring O(d · log n) per row. Of more
    than 100,000 different values of a feature, 100,000 are kept: the outermost and evenly spread ones.

    Parameters
    ----------
    None.

    Source
    ------
    Li, Zhao, Hu, Botta, Ionescu and Chen, ECOD: Unsupervised Outlier Detection Using Empirical Cumulative
    Distribution Functions, TKDE 2022.

    Examples
    --------
    >>> detector = ECOD().fit([[1.0], [2.0], [3.0], [4.0], [10.0]])
    >>> detector.score([[3.0], [10.0], [50.0]]).round(2).tolist()
    [0.51, 1.61, 5.42]
    """

    name = "ecod"
    parameters_type = ECODParameters
    parameters: ECODParameters

    def _joined(self, left: Floats, right: Floats, skewness: float) -> Floats:
        return left + right if skewness == 0.0 else np.maximum(left, right)
