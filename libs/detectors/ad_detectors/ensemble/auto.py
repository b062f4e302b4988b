"""The detector for a table about which nothing is known: it looks first, and says what it saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.ensemble.cleaning import least_strange, strangeness
from ad_detectors.ensemble.findings import FAR, Findings, agreement
from ad_detectors.ensemble.neighborhoods import Neighborhoods
from ad_detectors.ensemble.nesting import part, prefixed, text_array, text_lines
from ad_detectors.ensemble.student import FEWEST_ROWS, Student, explained
from ad_detectors.ensemble.surprise import surprise
from ad_detectors.errors import DataError, NotFittedError
from ad_detectors.explain.shares import as_shares
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.isolation_forest import IsolationForest
from ad_detectors.tabular.scaling import chosen_rows

SET_ASIDE = 0.3
FOREST_COUNTS = 0.5
MOST_VALUES, FEWEST_STUDIED = 4_000_000, 2_000
"""Of wide data fewer rows are studied, so that neither fitting nor scoring takes long."""
MOST_TAUGHT = 10_000
FOCUS = 4
"""The trees learn the rank among the training rows to this power: who is strange matters, who is ordinary not."""


@dataclass(frozen=True, kw_only=True)
class AutoParameters(Parameters):
    """Parameters of `Auto`."""

    reference: int = option(20_000, "training rows studied at most", low=10, high=1_000_000)
    seed: int = option(0, "seed of everything that is drawn at random", low=0, high=2**32 - 1)


class Auto(Detector):
    """Neighbours among rows that forests find normal, smoothed by trees as far as trees can foretell them.

    Idea: two isolation forests, on values and on ranks, set aside the strangest 30 % of the training rows, for
    groups of anomalies hide from neighbours, since they are each other's neighbours, but not from forests. The
    score is the mean distance to the 10 nearest of the other rows, without copies, in spreads of each
    feature's middle half, once as it is and once with far values drawn in logarithmically. Trees learn that
    score from the values of rows; they see what many rows have in common where distances see each row alone.
    They count as much as they are right: their weight is the square of the share of variance that they
    foretell for rows that they did not see, so they fall silent where the structure is local. Last, the
    forest of values keeps a say: half of its surprise is the least that a row gets. `reasons` says in words
    what was seen.

    Assumes that more than two thirds of the rows are normal, or that those that are not differ more. Since
    rare normal rows are set aside too, what is far out weighs more than what only breaks a relation in the
    midst of the data; there `lof` or `gmm` see more. The score is a surprise, made of -log10 of the
    probabilities that a training row would be as strange: 3 is one in a thousand; higher is more anomalous.
    Fitting costs O(n) plus a constant that grows with `reference` and features; scoring finds neighbours
    exactly, in O(log reference) per row for a few features and at most O(reference · d).

    Contributions: the neighbours' surprise is shared by the squared differences from them, that of the trees by the
    features of the splits that raised it, and where the forest has the last word, by those that cut the row off;
    they add up to the score.

    Parameters
    ----------
    reference : int, default 20,000
        Of more training rows so many are drawn and studied; fewer when there are more than 200 features.
    seed : int, default 0

    Source
    ------
    Liu, Ting and Zhou, Isolation Forest, ICDM 2008 (who is set aside); Angiulli and Pizzuti, Fast outlier
    detection in high dimensional spaces, PKDD 2002 (mean distance); Ye et al., UADB: Unsupervised anomaly
    detection booster, ICDE 2023 (learning from another detector). The weight is our own.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> detector = Auto().fit(rows)
    >>> ordinary, strange = detector.score([[0.0, 0.0], [0.0, 9.0]])
    >>> bool(ordinary < 1.0 < 2.0 < strange)
    True
    >>> detector.reasons[0]
    'size: 500 rows of 2 features'
    """

    name = "auto"
    parameters_type = AutoParameters
    parameters: AutoParameters
    _reasons: tuple[str, ...] = ()
    _student: Student | None = None
    _opinions: TailCalibration | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """What was seen in the training data and what followed from it, a sentence each."""
        if not self._reasons:
            raise NotFittedError(f"{self.name} is not fitted: call fit(X) first")
        return self._reasons

    def _fit(self, matrix: Floats) -> None:
        rows = self._studied(matrix)
        self._forest, strange = strangeness(rows, self.parameters.seed)
        self._neighbors, surprises = Neighborhoods.of(rows, least_strange(strange, SET_ASIDE))
        far = self._neighbors.together.probability(surprises)
        foretold = self._teach(rows, far)
        findings = Findings(
            rows=len(matrix),
            studied=len(rows),
            features=matrix.shape[1],
            distinct=len(np.unique(rows, axis=0)) / len(rows),
            coarse=int((np.quantile(rows, 0.25, axis=0) == np.quantile(rows, 0.75, axis=0)).sum()),
            far=float((np.abs(self._neighbors.views[0].units.measured(rows)) > FAR).mean()),
            agreement=agreement(strange, surprises),
            foretold=foretold,
            weight=self._weight,
        )
        self._reasons = findings.sentences()

    def _studied(self, matrix: Floats) -> Floats:
        most = max(min(self.parameters.reference, MOST_VALUES // matrix.shape[1]), FEWEST_STUDIED)
        return matrix[chosen_rows(len(matrix), min(most, self.parameters.reference), self.parameters.seed)]

    def _teach(self, rows: Floats, far: Floats) -> float:
        """Let trees learn what the neighbours say; returns how much of it they can foretell."""
        seed = self.parameters.seed
        _, different = np.unique(rows, axis=0, return_index=True)
        lessons = different[chosen_rows(len(different), MOST_TAUGHT, seed)]
        self._student, self._opinions, self._weight, self._unseen = None, None, 0.0, None
        if len(lessons) < FEWEST_ROWS:
            return 0.0
        opinion = (1.0 - far[lessons]) ** FOCUS
        self._student, foretold, without_own = Student.taught(rows[lessons], opinion, seed)
        self._opinions = TailCalibration.smooth(foretold)
        share = explained(opinion, foretold)
        self._weight = share**2
        together = self._together(far[lessons], self._opinions.probability(without_own))
        self._unseen = self._at_least(together, rows[lessons])
        return share

    def _score(self, matrix: Floats) -> Floats:
        far = self._neighbors.probability(matrix)
        if self._student is None or self._opinions is None:
            return self._at_least(surprise(far), matrix)
        rare = self._opinions.probability(self._student.opinions(matrix))
        return self._at_least(self._together(far, rare), matrix)

    def _together(self, far: Floats, rare: Floats) -> Floats:
        return (surprise(far) + self._weight * surprise(rare)) / (1.0 + self._weight)

    def _at_least(self, surprises: Floats, matrix: Floats) -> Floats:
        return np.maximum(surprises, FOREST_COUNTS * self._isolated(matrix))

    def _isolated(self, matrix: Floats) -> Floats:
        return surprise(self._forest.probability(self._forest.score(matrix)))

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        scores = self._score(matrix)
        parts = surprise(self._neighbors.probability(matrix))[:, None] * self._neighbors.shares(matrix)
        if self._student is not None and self._opinions is not None:
            rare = self._opinions.probability(self._student.opinions(matrix))
            parts += self._weight * surprise(rare)[:, None] * self._student.shares(matrix)
        # Where the score is the least that a forest allows, the forest tells why.
        by_forest = scores == FOREST_COUNTS * self._isolated(matrix)
        if by_forest.any():
            parts[by_forest] = self._forest.explain(matrix[by_forest]).contributions
        return 0.0, as_shares(parts) * scores[:, None]

    def _unseen_scores(self, matrix: Floats) -> Floats | None:
        del matrix
        return self._unseen

    def _to_arrays(self) -> Arrays:
        arrays = prefixed("neighbors", self._neighbors.to_arrays())
        arrays |= prefixed("forest", self._forest.to_arrays())
        arrays |= {"reasons": text_array(self._reasons), "weight": np.array([self._weight])}
        if self._student is not None and self._opinions is not None:
            arrays |= prefixed("student", self._student.to_arrays())
            arrays |= self._opinions.to_arrays("opinions")
        return arrays

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._neighbors = Neighborhoods.from_arrays(part("neighbors", arrays), features)
        self._forest = IsolationForest.from_arrays({}, self.feature_names, part("forest", arrays))
        self._reasons = text_lines(arrays, "reasons")
        self._weight = float(take(arrays, "weight", np.float64, (1,))[0])
        if not 0.0 <= self._weight <= 1.0:
            raise DataError(f"array 'weight' is {self._weight}; it must be from 0 to 1")
        trees = part("student", arrays)
        if trees:
            self._student = Student.from_arrays(trees, features)
            self._opinions = TailCalibration.from_arrays(arrays, "opinions")
