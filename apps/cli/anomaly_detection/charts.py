"""What a picture of scores and features shows, as arrays: which rows, which features, which bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import SeriesDetector
from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import Floats
from ad_detectors.model import Model, Scored

if TYPE_CHECKING:
    from anomaly_detection.streaming import StreamResult

MOST_PANELS = 6
MOST_MARKS = 2000
MOST_BOUNDS = 2000
SMALLEST_SHARE = 0.2


@dataclass(frozen=True)
class Chart:
    """n rows in their order, of which m are explained, and k features."""

    title: str
    score: Floats
    threshold: float
    marked: NDArray[np.int64]
    """The anomalous rows that are marked, ascending."""
    blamed: NDArray[np.bool_]
    """Which features made which marked row an anomaly: one line for each, k columns."""
    names: tuple[str, ...]
    values: Floats
    explained: NDArray[np.int64]
    """The rows to which the lines of the next three belong, ascending."""
    expected: Floats
    lower: Floats
    upper: Floats


def of_model(model: Model, scored: Scored, feature: str | Sequence[str] | None) -> Chart:
    """Rows that a model scored; of rows that each stand for themselves no more are explained than can be seen."""
    marked = strongest(scored.score, scored.label)
    series = isinstance(scored.detector, SeriesDetector)
    rows = np.arange(len(scored.score)) if series else np.union1d(_spread(len(scored.score)), marked)
    why = scored.explain(rows)
    blame = why.contributions[np.isin(rows, marked)]
    places = chosen_features(model.feature_names, feature, np.abs(blame).sum(axis=0))
    return Chart(
        title=_title(model.algorithm, scored.label, len(places), len(model.feature_names)),
        score=scored.score,
        threshold=scored.threshold,
        marked=marked,
        blamed=blamed_features(blame)[:, places],
        names=tuple(model.feature_names[place] for place in places),
        values=scored.matrix[:, places],
        explained=rows,
        expected=why.expected[:, places],
        lower=why.lower[:, places],
        upper=why.upper[:, places],
    )


def of_stream(result: "StreamResult", feature: str | Sequence[str] | None) -> Chart:
    """Records of one entity that a streaming detector scored."""
    if len(set(result.entity)) > 1:
        raise DataError(
            f"the result is of {len(set(result.entity))} entities; result.of(entity) is that of one"
        )
    marked = strongest(result.score, result.anomaly)
    blame = result.contributions[marked]
    places = chosen_features(result.names, feature, np.abs(blame).sum(axis=0))
    whose = "" if result.entity[0] is None else f", {result.entity[0]}"
    return Chart(
        title=_title(f"{result.algorithm}{whose}", result.anomaly, len(places), len(result.names)),
        score=result.score,
        threshold=result.threshold,
        marked=marked,
        blamed=blamed_features(blame)[:, places],
        names=tuple(result.names[place] for place in places),
        values=result.values[:, places],
        explained=np.arange(len(result.score)),
        expected=result.expected[:, places],
        lower=result.lower[:, places],
        upper=result.upper[:, places],
    )


def strongest(score: Floats, label: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The anomalous rows, ascending; of very many those with the highest scores."""
    rows = np.flatnonzero(label)
    return np.sort(rows[np.argsort(-score[rows], kind="stable")[:MOST_MARKS]])


def chosen_features(names: Sequence[str], asked: str | Sequence[str] | None, weights: Floats) -> list[int]:
    """The places of the features that are asked for, or of the six with the largest weights."""
    if asked is None:
        return [int(place) for place in np.argsort(-weights, kind="stable")[:MOST_PANELS]]
    wanted = [asked] if isinstance(asked, str) else list(asked)
    for name in wanted:
        if name not in names:
            raise ParameterError(f"parameter 'feature' is {name!r}; valid are {', '.join(names)}")
    return [list(names).index(name) for name in wanted]


def blamed_features(contributions: Floats) -> NDArray[np.bool_]:
    """The features that contribute to a row at least a fifth of what its strongest one does."""
    strongest_of_row = contributions.max(axis=1, keepdims=True, initial=0.0)
    blamed: NDArray[np.bool_] = contributions >= SMALLEST_SHARE * strongest_of_row
    return blamed & (contributions > 0.0)


def _spread(rows: int) -> NDArray[np.int64]:
    """Rows evenly over all, enough to draw bounds."""
    return np.unique(np.linspace(0, rows - 1, min(rows, MOST_BOUNDS)).round().astype(np.int64))


def _title(what: str, label: NDArray[np.bool_], drawn: int, features: int) -> str:
    found = int(label.sum())
    title = f"{what}: {found:,} anomal{'y' if found == 1 else 'ies'} in {len(label):,} rows"
    return title if drawn == features else f"{title}; {drawn} of {features} features"
