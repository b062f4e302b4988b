"""How good scores are, against labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats


@dataclass(frozen=True)
class Evaluation:
    """Figures in [0, 1]; the ranking ones are None when the labels are all alike.

    Attributes
    ----------
    precision, recall, f1 : float
        Of the labels that the threshold gives.
    auroc, average_precision : float or None
        Of the ranking by score, whatever the threshold.
    true_positives, false_positives, false_negatives, true_negatives : int
        The confusion table.
    """

    precision: float
    recall: float
    f1: float
    auroc: float | None
    average_precision: float | None
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int


def evaluate(truth: ArrayLike, labels: ArrayLike, scores: ArrayLike) -> Evaluation:
    """Compare predicted labels and scores with the truth (1 or True = anomaly), all of shape (n,).

    Examples
    --------
    >>> evaluate([0, 0, 1, 1], [0, 1, 1, 1], [0.1, 0.6, 0.9, 0.8]).auroc
    1.0
    """
    actual, found = np.asarray(truth, np.bool_), np.asarray(labels, np.bool_)
    values = np.asarray(scores, np.float64)
    if not actual.shape == found.shape == values.shape or actual.ndim != 1 or len(actual) == 0:
        raise DataError(f"truth {actual.shape}, labels {found.shape} and scores {values.shape} must match")
    hits, false = int((actual & found).sum()), int((~actual & found).sum())
    missed, quiet = int((actual & ~found).sum()), int((~actual & ~found).sum())
    ranked = 0 < hits + missed < len(actual)
    return Evaluation(
        precision=_ratio(hits, hits + false),
        recall=_ratio(hits, hits + missed),
        f1=_ratio(2 * hits, 2 * hits + false + missed),
        auroc=auroc(actual, values) if ranked else None,
        average_precision=average_precision(actual, values) if ranked else None,
        true_positives=hits,
        false_positives=false,
        false_negatives=missed,
        true_negatives=quiet,
    )


def auroc(truth: NDArray[np.bool_], scores: Floats) -> float:
    """The probability that an anomaly scores above a normal row, ties counting one half (Mann-Whitney)."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(counts)
    ranks = (last_rank - (counts - 1) / 2.0)[inverse]
    positives = int(truth.sum())
    negatives = len(truth) - positives
    return float((ranks[truth].sum() - positives * (positives + 1) / 2.0) / (positives * negatives))


def average_precision(truth: NDArray[np.bool_], scores: Floats) -> float:
    """The mean precision over the recall steps, rows with equal scores taken together."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0.0, True))
    hits = np.cumsum(truth[order])[ends]
    precision = hits / (ends + 1)
    steps = np.diff(np.concatenate([[0], hits])) / hits[-1]
    return float((precision * steps).sum())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
