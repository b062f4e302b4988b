"""Autoencoder: anomalies are rows that a network with a narrow middle cannot reproduce."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.autoencoder import residual_scores, residuals
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.scaling import chosen_rows, scale_of, scaled, usable

# In units of the normal range, which is about five standard deviations of a bell-shaped feature.
DEVIATIONS = 5.0
REACH = 5.0
FEWEST_TO_HOLD_OUT = 100


@dataclass(frozen=True, kw_only=True)
class AutoencoderParameters(Parameters):
    """Parameters of `Autoencoder`."""

    bottleneck: int = option(
        0, "units in the middle layer; 0 is about half as many as features", low=0, high=1000
    )
    epochs: int = option(100, "most passes over the training rows", low=1, high=10_000)
    reference: int = option(20_000, "training rows that the network learns from", low=10, high=10_000_000)
    seed: int = option(0, "seed of the first weights and of the order of the rows", low=0, high=2**32 - 1)


class Autoencoder(Detector):
    """Reconstruction error of a network of four layers, trained by scikit-learn, scored by our own kernel.

    Idea: a network with a narrow middle learns to reproduce normal rows from fewer numbers than they have, so it has to
    learn how features hang together; what it cannot reproduce is strange. The score is the root mean square
    over the features of value minus reconstruction, in fifths of the feature's normal range (about standard
    deviations). Assumes that features depend on each other, on curves too (`pca` knows straight lines only).
    The network sees values up to five such units from the middle, so a value farther out is never reproduced.
    Training stops early when held out rows are reproduced no better. Fitting costs
    O(epochs · reference · weights), scoring O(weights) per row.

    Contributions: the squared residual of each feature over d · score; they add up to the score.

    Parameters
    ----------
    bottleneck : int, default 0
        0 stands for half of the number of features, rounded up, at most 32. The layers beside it have twice as many
        units as there are features, from 8 to 128.
    epochs : int, default 100
    reference : int, default 20,000
        Of more training rows so many are drawn.
    seed : int, default 0

    Source
    ------
    Hawkins et al., Outlier detection using replicator neural networks, DaWaK 2002.

    Examples
    --------
    >>> along = np.random.default_rng(1).normal(size=(500, 1))
    >>> detector = Autoencoder().fit(np.hstack([along, 2.0 * along]))
    >>> usual, strange = detector.score([[1.0, 2.0], [1.0, -2.0]])
    >>> bool(usual < 0.3 < strange)
    True
    """

    name = "autoencoder"
    parameters_type = AutoencoderParameters
    parameters: AutoencoderParameters

    def _fit(self, matrix: Floats) -> None:
        # scikit-learn takes a second to import: only those who fit pay for it.
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPRegressor

        chosen = self.parameters
        self._scale = scale_of(matrix, self.bounds, scale=True) / DEVIATIONS
        rows = matrix[chosen_rows(len(matrix), chosen.reference, chosen.seed)]
        points = np.clip(scaled(rows - self.bounds[0], self._scale), -REACH, REACH)
        network = MLPRegressor(
            hidden_layer_sizes=self._hidden(matrix.shape[1]),
            max_iter=chosen.epochs,
            learning_rate_init=0.003,
            early_stopping=len(points) >= FEWEST_TO_HOLD_OUT,
            random_state=chosen.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            # One feature alone is a vector to scikit-learn.
            network.fit(points, points if points.shape[1] > 1 else points[:, 0])
        weights = np.concatenate([part.ravel() for part in network.coefs_])
        self._use(self._sizes(matrix.shape[1]), weights, np.concatenate(network.intercepts_))

    def _hidden(self, features: int) -> tuple[int, int, int]:
        """Units of the three hidden layers."""
        middle = self.parameters.bottleneck or min((features + 1) // 2, 32)
        beside = max(min(2 * features, 128), 8, middle)
        return beside, middle, beside

    def _sizes(self, features: int) -> NDArray[np.int64]:
        return np.array([features, *self._hidden(features), features], np.int64)

    def _use(self, sizes: NDArray[np.int64], weights: Floats, biases: Floats) -> None:
        self._sizes_of_layers, self._weights, self._biases = sizes, weights, biases

    def _network(self) -> tuple[Floats, float, NDArray[np.int64], Floats, Floats]:
        return self._scale, REACH, self._sizes_of_layers, self._weights, self._biases

    def _score(self, matrix: Floats) -> Floats:
        return residual_scores(matrix - self.bounds[0], *self._network())

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        left = residuals(matrix - self.bounds[0], *self._network())
        total = np.sqrt((left**2).mean(axis=1, keepdims=True)) * matrix.shape[1]
        return 0.0, np.divide(left, total, out=np.zeros_like(left), where=total > 0.0) * left

    def _to_arrays(self) -> Arrays:
        return {"scale": self._scale, "weights": self._weights, "biases": self._biases}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._scale = usable(take(arrays, "scale", np.float64, (features,)))
        sizes = self._sizes(features)
        weights = take(arrays, "weights", np.float64, (int((sizes[:-1] * sizes[1:]).sum()),))
        biases = take(arrays, "biases", np.float64, (int(sizes[1:].sum()),))
        if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
            raise DataError("array 'weights' or 'biases' is damaged: they must be finite")
        self._use(sizes, weights, biases)
