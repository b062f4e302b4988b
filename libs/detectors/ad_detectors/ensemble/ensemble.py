"""Several detectors of the catalogue as one, each calibrated before they are combined."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors import catalog
from ad_detectors.base import Arrays, Detector, take
from ad_detectors.calibration.folds import Score, unseen_by_folds
from ad_detectors.ensemble.combining import COMBINATIONS, counted, weights_by_agreement
from ad_detectors.ensemble.nesting import part, prefixed
from ad_detectors.ensemble.surprise import surprise
from ad_detectors.errors import DataError, ParameterError
from ad_detectors.explain.shares import as_shares
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option

MOST_MEMBERS = 10
NESTING = ("ensemble", "auto")
FOLDS = 3


@dataclass(frozen=True, kw_only=True)
class EnsembleParameters(Parameters):
    """Parameters of `Ensemble`."""

    members: str = option("isolation_forest,knn,ecod", "batch detectors, separated by commas")
    combine: str = option("average", "how their surprises become one", choices=tuple(COMBINATIONS))
    weights: str = option(
        "", "one number per member, separated by commas, for `weighted`; by agreement where empty"
    )
    seed: int = option(0, "seed of the members that draw at random", low=0, high=2**32 - 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        names, known = self.names, [name for name in catalog.names("batch") if name not in NESTING]
        wrong = [name for name in names if name not in known]
        if wrong or len(set(names)) != len(names) or len(names) > MOST_MEMBERS:
            raise ParameterError(
                f"parameter 'members' is {self.members!r}; valid are 1 to {MOST_MEMBERS} different names, "
                f"separated by commas, of {', '.join(known)}"
            )
        if self.weights and (self.combine != "weighted" or len(self.given_weights) != len(names)):
            raise ParameterError(
                f"parameter 'weights' is {self.weights!r}; valid are {len(names)} numbers above 0, one per "
                f"member, separated by commas, and combine='weighted'"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The members' names."""
        return tuple(name.strip() for name in self.members.split(","))

    @property
    def given_weights(self) -> tuple[float, ...]:
        """The weights as numbers; none where they are not given or one of them is not valid."""
        try:
            found = tuple(float(weight) for weight in self.weights.split(",")) if self.weights else ()
        except ValueError:
            return ()
        return found if all(0.0 < weight < math.inf for weight in found) else ()


class Ensemble(Detector):
    """Several detectors of the catalogue, combined after calibration.

    Idea: detectors err differently, so their mean errs less; but their scores have different units. Each member's
    score is first turned into its surprise, -log10 of the probability that a normal row scores as high, and
    these are comparable. `average` asks for agreement, `maximum` lets one member suffice, `rank` takes the
    surprise at the mean probability, where a member that is not surprised weighs most, and `weighted`
    averages with weights: given ones, or each member's rank correlation with the mean of the others on the
    training rows. Assumes that members see different things: several of a kind outvote the others. The score
    is a surprise: 3 is one in a thousand; higher is more anomalous. Costs as much as its members.

    Tail probabilities come from rows that neither members nor weights were fitted to, in three folds.
    Contributions: each member's surprise, as far as it counts, is shared by what its own contributions say makes the
    row more anomalous; they add up to the score.

    Parameters
    ----------
    members : str, default "isolation_forest,knn,ecod"
        1 to 10 batch detectors, with their default parameters.
    combine : {"average", "maximum", "rank", "weighted"}, default "average"
    weights : str, default ""
        For `weighted`, such as "2,1,1"; empty to weigh by agreement.
    seed : int, default 0

    Source
    ------
    Kriegel et al., Interpreting and unifying outlier scores, SDM 2011 (calibration first); Aggarwal and Sathe,
    Theoretical foundations and algorithms for outlier ensembles, SIGKDD Explorations 17, 2015 (average and
    maximum); Zimek, Campello and Sander, Ensembles for unsupervised outlier detection, SIGKDD Explorations
    15, 2013 (weights by agreement).

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> detector = Ensemble(members="knn,ecod", combine="maximum").fit(rows)
    >>> ordinary, strange = detector.score([[0.0, 0.0], [0.0, 9.0]])
    >>> bool(ordinary < 1.0 < 2.0 < strange)
    True
    """

    name = "ensemble"
    parameters_type = EnsembleParameters
    parameters: EnsembleParameters

    def _fit(self, matrix: Floats) -> None:
        self._members = self._fitted_members(matrix)
        given = self.parameters.given_weights
        self._weights = np.array(given) if given else np.ones(len(self._members))
        if self.parameters.combine == "weighted" and not given:
            self._weights = weights_by_agreement(self._surprises(matrix))

    def _fitted_members(self, matrix: Floats) -> tuple[Detector, ...]:
        return tuple(
            self._new(name).as_member().fit(matrix, self.feature_names) for name in self.parameters.names
        )

    def _new(self, name: str) -> Detector:
        return catalog.create(name, **self._parameters_of(name))

    def _parameters_of(self, name: str) -> dict[str, Any]:
        seeded = any(doc.name == "seed" for doc in catalog.get(name).parameters)
        return {"seed": self.parameters.seed} if seeded else {}

    def _surprises(self, matrix: Floats) -> Floats:
        return np.stack([surprise(member.probability(member.score(matrix))) for member in self._members])

    def _score(self, matrix: Floats) -> Floats:
        return COMBINATIONS[self.parameters.combine](self._surprises(matrix), self._weights)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        surprises, way = self._surprises(matrix), self.parameters.combine
        amounts = counted(way, surprises, self._weights)
        parts = np.zeros(matrix.shape)
        for member, amount in zip(self._members, amounts, strict=True):
            parts += amount[:, None] * as_shares(member.explain(matrix).contributions)
        return 0.0, as_shares(parts) * COMBINATIONS[way](surprises, self._weights)[:, None]

    def _unseen_scores(self, matrix: Floats) -> Floats:
        return unseen_by_folds(self._scorer_of, matrix, folds=FOLDS)

    def _scorer_of(self, matrix: Floats) -> Score:
        other = Ensemble(**self.parameters.as_dict())
        other.feature_names = self.feature_names
        other._fit(matrix)
        return other._score

    def _to_arrays(self) -> Arrays:
        arrays: Arrays = {"weights": self._weights}
        for name, member in zip(self.parameters.names, self._members, strict=True):
            arrays |= prefixed(name, member.to_arrays())
        return arrays

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        names = self.parameters.names
        self._weights = take(arrays, "weights", np.float64, (len(names),))
        if not ((self._weights > 0.0) & np.isfinite(self._weights)).all():
            raise DataError("array 'weights' is damaged: weights must be finite and above 0")
        self._members = tuple(
            type(self._new(name)).from_arrays(
                self._parameters_of(name), self.feature_names, part(name, arrays)
            )
            for name in names
        )
