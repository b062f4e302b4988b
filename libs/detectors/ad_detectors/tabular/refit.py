"""What detectors share whose training rows look more normal to them than unseen ones."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from ad_detectors.base import Detector
from ad_detectors.calibration.folds import Score, unseen_by_folds
from ad_detectors.matrix import Floats

MOST_ROWS = 20_000


class RefittedDetector(Detector):
    """Probabilities come from scores out of fold: each fifth of the rows is scored by a fit to the others.

    With more rows than folds look at, what a row does to its own score is too little to be worth the fits.
    """

    def _unseen_scores(self, matrix: Floats) -> Floats | None:
        if len(matrix) > MOST_ROWS:
            return None
        return unseen_by_folds(partial(self._scorer_of, self.parameters.as_dict()), matrix)

    @classmethod
    def _scorer_of(cls, parameters: Mapping[str, Any], rows: Floats) -> Score:
        part = cls(**parameters)
        part._fit(rows)
        return part._score
