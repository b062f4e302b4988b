"""How few of the last rows share the cells of random halvings with a row."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.half_space import Table, Trees, update_rows
from ad_detectors.matrix import Floats
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows


def halvings(trees: int, height: int, features: int, seed: int) -> tuple[NDArray[np.int64], Floats]:
    """Features (int64) and thresholds (float64) of the inner nodes, of shape (trees, 2 ** height - 1).

    The space to halve reaches beyond the range 0 to 1 of the values on both sides, by an amount drawn for
    each tree and feature, so that the trees cut at different places.
    """
    generator = np.random.default_rng([seed, features])
    feature = generator.integers(0, features, (trees, 2**height - 1))
    centre = generator.random((trees, 1, features))
    reach = 2.0 * np.maximum(centre, 1.0 - centre)
    threshold = np.zeros(feature.shape)
    for tree in range(trees):
        low, high = centre[tree] - reach[tree], centre[tree] + reach[tree]
        for depth in range(height):
            nodes = slice(2**depth - 1, 2 ** (depth + 1) - 1)
            each, chosen = np.arange(2**depth), feature[tree, nodes]
            middle = (low[each, chosen] + high[each, chosen]) / 2.0
            threshold[tree, nodes] = middle
            low, high = np.repeat(low, 2, axis=0), np.repeat(high, 2, axis=0)
            high[2 * each, chosen] = middle
            low[2 * each + 1, chosen] = middle
    return feature, threshold


@dataclass(frozen=True, kw_only=True)
class HalfSpaceTreesParameters(ConformalParameters):
    """Parameters of `HalfSpaceTrees`."""

    trees: int = option(25, "number of trees", low=1, high=1_000)
    height: int = option(8, "number of halvings from the root of a tree to a leaf", low=1, high=15)
    window: int = option(250, "rows of the reference window", low=16, high=10_000)
    seed: int = option(0, "seed of the halvings", low=0, high=2**32 - 1)


class HalfSpaceTrees(ConformalDetector):
    """Mass of the last window around a row, in trees that halve the space at random.

    Idea: each tree halves the space again and again, in features drawn at random. A row is odd where the
    cell with few rows that it comes to is large. Every `window` rows the window becomes the reference: the
    masses are counted anew, on a scale where most of its values lie between 0 and 1 (at first after 16 rows,
    and each time that the number of rows has doubled).

    Differences from the paper, each with its reason: the scale follows the entity instead of being given
    before; densities of the trees are averaged as logarithms, so that they split into parts by feature; a
    cell counts half a row more than it has, so that a large empty cell is odder than a small one; and a cell
    at the border grows with the distance of a row outside, so that farther is odder there too.

    Assumes that the normal rows of a window lie densely and that there are few features that matter. Knows
    no order of the rows within the window. Scale and distribution are free. `score` is -log10 of the
    probability among the entity's earlier sparsities: 2 is one in 100, 3 one in 1,000; higher is more
    anomalous. A missing value counts as the median; a row without any value is skipped.

    Expected value: the median of the reference window; lower and upper bound: the range of its middle 96 %,
    widened by half of it on each side. Contributions: the score shared in proportion to how much sparser the
    cuts in a feature made the cell than halving does, where they did. State: 2 · trees · 2 ** (height + 1)
    bytes plus 8 · (window + 3) per feature and 576 per entity; an update costs O(trees · height).

    Parameters
    ----------
    trees : int, default 25
    height : int, default 8
    window : int, default 250
    seed : int, default 0
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 8192
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 2

    Source
    ------
    Tan, Ting and Liu, Fast anomaly detection for streaming data, IJCAI 2011.

    Examples
    --------
    >>> import numpy as np
    >>> detector = HalfSpaceTrees()
    >>> state = detector.new_state(capacity=1, features=2)
    >>> rows = np.random.default_rng(0).normal(10, 1, size=(300, 2))
    >>> rows[-1, 1] = 25.0
    >>> slots, times = np.zeros(300, np.int64), np.arange(300)
    >>> result = detector.update(state, slots, rows, times)
    >>> bool(result.anomaly[-1]), int(result.contributions[-1].argmax())
    (True, 1)
    """

    name = "half_space_trees"
    parameters_type = HalfSpaceTreesParameters
    parameters: HalfSpaceTreesParameters

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._drawn: dict[int, Trees] = {}

    def _layout(self, features: int) -> Layout:
        chosen = self.parameters
        own = (features,)
        return {
            "level": (np.float64, own),
            "low": (np.float64, own),
            "width": (np.float64, own),
            "window": (np.float64, (chosen.window, features)),
            "mass": (np.int16, (chosen.trees, 2 ** (chosen.height + 1) - 1)),
            "held": (np.int64, ()),
            "seen": (np.int64, ()),
            "due": (np.int64, ()),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        trees = self._trees(rows.values.shape[1])
        update_rows(trees, Table(**own), tail, policy, rows.slots, rows.values, output)

    def _trees(self, features: int) -> Trees:
        """The trees for a number of features, drawn at first use."""
        if features not in self._drawn:
            chosen = self.parameters
            feature, threshold = halvings(chosen.trees, chosen.height, features, chosen.seed)
            self._drawn[features] = Trees(feature, threshold, np.log2(np.arange(chosen.window + 1) + 0.5))
        return self._drawn[features]
