"""How soon random cuts would part a row, and the rows just before it, from a sample of earlier ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.random_cut import Rule, Table, update_rows
from ad_detectors.kernels.random_cut_tree import Forest
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows, taken
from ad_detectors.streaming.ewma import gain_of


@dataclass(frozen=True, kw_only=True)
class RandomCutForestParameters(ConformalParameters):
    """Parameters of `RandomCutForest`."""

    trees: int = option(30, "number of trees", low=1, high=1_000)
    sample: int = option(256, "points that a tree holds", low=16, high=16_000)
    shingle: int = option(8, "consecutive rows that make a point", low=1, high=1_000)
    renewal: float = option(
        0.1, "the share of new points that a full tree takes, each for an old one", low=1e-6, high=1
    )
    seed: int = option(0, "seed of the cuts and samples", low=0, high=2**32 - 1)


class RandomCutForest(ConformalDetector):
    """Robust random cut forest: how soon random cuts would part a point from a sample of earlier points.

    Idea: a point is a row with the `shingle` - 1 rows before it, so shape in time counts as much as value.
    Each tree cuts the box around its sample at random, in proportion to extent, until every point is alone.
    A new point is odd where the next cut would probably fall between it and the box of the others, near the
    root. That expectation is exact, over all cuts that could be made, without changing the tree: the mean of
    1 / (depth + 1), times log2(sample + 1), as Amazon's library scores. Then the point is inserted and
    another one deleted, so that the tree stays a random cut tree of its sample.

    Each full tree takes `renewal` of the points (more at first), each for one drawn at random, so a sample's
    age falls off exponentially: its half-life is ln 2 · sample / renewal points. Several features are
    weighted by one over their spread, exponentially weighted with that half-life.

    Assumes regular sampling as far as shapes matter; scale and distribution are free. `score` is -log10 of the
    probability among the entity's earlier forest scores: 2 is one in 100, 3 one in 1,000; higher is more
    anomalous. A missing value counts as the last one of its feature; a row without any value is skipped.

    Expected value: the mean, exponentially weighted; lower and upper bound: the range of the newest values in
    the sample of the first tree. Contributions: the score shared in proportion to each feature's part in the
    probable cuts, over its axes.

    State per entity, with a = shingle · features axes: trees · (12 · sample · a + 18 · sample) bytes, 0.87 MB
    by default. So this is for few and important entities, or for smaller `trees` and `sample`. An update costs
    O(trees · log(sample) · a).

    Parameters
    ----------
    trees : int, default 30
    sample : int, default 256
    shingle : int, default 8
    renewal : float, default 0.1
    seed : int, default 0
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 8192
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 2
        Times the square of the forest's score.

    Source
    ------
    Guha, Mishra, Roy and Schrijvers, Robust random cut forest based anomaly detection on streams, ICML 2016;
    Aggarwal, On biased reservoir sampling in the presence of stream evolution, VLDB 2006 (the samples).

    Examples
    --------
    >>> import numpy as np
    >>> detector = RandomCutForest(trees=10, sample=64)
    >>> state = detector.new_state(capacity=1)
    >>> values = np.sin(np.arange(400) / 5.0)
    >>> values[395] = 2.0
    >>> slots, times = np.zeros(400, np.int64), np.arange(400)
    >>> result = detector.update(state, slots, values.reshape(-1, 1), times)
    >>> bool(result.anomaly[395])
    True
    """

    name = "random_cut_forest"
    parameters_type = RandomCutForestParameters
    parameters: RandomCutForestParameters

    def _layout(self, features: int) -> Layout:
        chosen = self.parameters
        axes, cuts = chosen.shingle * features, chosen.sample - 1
        arrays: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
            "points": (np.float32, (chosen.sample, axes)),
            "low": (np.float32, (cuts, axes)),
            "high": (np.float32, (cuts, axes)),
            "cut_value": (np.float32, (cuts,)),
            "cut_at": (np.int32, (cuts,)),
            "left": (np.int16, (cuts,)),
            "right": (np.int16, (cuts,)),
            "mass": (np.int16, (cuts,)),
            "parent": (np.int16, (chosen.sample + cuts,)),
            "root": (np.int16, ()),
        }
        return {
            **{name: (dtype, (chosen.trees, *shape)) for name, (dtype, shape) in arrays.items()},
            "level": (np.float64, (features,)),
            "variance": (np.float64, (features,)),
            "known": (np.int64, (features,)),
            "origin": (np.float64, (features,)),
            "recent": (np.float32, (axes,)),
            "seen": (np.int64, ()),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        chosen = self.parameters
        rule = Rule(chosen.trees, chosen.renewal, chosen.seed, gain_of(chosen.sample / chosen.renewal))
        update_rows(
            Forest(**{name: _by_tree(array) for name, array in taken(own, Forest._fields).items()}),
            ewma.Table(**taken(own, ewma.Table._fields)),
            Table(**taken(own, Table._fields)),
            tail,
            policy,
            rule,
            rows.slots,
            rows.values,
            output,
        )


def _by_tree(array: NDArray[Any]) -> NDArray[Any]:
    """A view with one row per tree of all entities."""
    return array.reshape(-1, *array.shape[2:])
