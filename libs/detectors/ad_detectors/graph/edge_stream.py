"""Bursts and scans in a stream of edges, in constant memory."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError
from ad_detectors.graph.base import PARTS, EdgeScores, GraphDetector
from ad_detectors.kernels.conformal import BUCKETS
from ad_detectors.kernels.edges import Output, Policy, Table, update_edges
from ad_detectors.matrix import for_kernels
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State

Ids = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class EdgeStreamParameters(Parameters):
    """Parameters of `EdgeStream`."""

    alert_probability: float = option(
        0.001, "probability below which an edge is an anomaly", low=1e-9, high=0.5
    )
    tick_seconds: float = option(60.0, "length of the ticks that counts are of", low=0.001, high=31_536_000)
    half_life: float = option(
        1_440.0, "ticks after which what was seen counts for half in what is expected", low=1, high=1e7
    )
    width: int = option(8_192, "cells of each row of a sketch", low=16, high=16_777_216)
    depth: int = option(4, "rows of a sketch", low=1, high=16)
    warm_up: int = option(1_000, "edges before one is scored", low=2, high=1_000_000_000)
    warm_up_ticks: int = option(10, "ticks before an edge is scored", low=1, high=1_000_000)
    history: int = option(
        1_000_000,
        "raw scores counted before all of them lose half of their weight",
        low=1_000,
        high=10_000_000,
    )
    seed: int = option(0, "seed of the hashes", low=0, high=2**31 - 1)


class EdgeStream(GraphDetector):
    """Counts per tick against what is usual: of the edge, of either node, and of new acquaintances.

    Idea: count-min sketches hold, for each edge and each node, the count in the running tick and an
    exponentially weighted mean per tick. Raw score: (seen - expected) / √(expected + 1) where more is seen
    than expected, else 0; its square is MIDAS's chi-squared with one record per tick more expected, so that
    an edge seen for the first time does not score higher the older the stream is. Further sketches count, per
    source, destinations that it did not talk to before (fan-out: a scan), and per destination new sources
    (fan-in). Each of these five raw scores becomes a conformal p-value among those of all earlier edges; the
    smallest, times five (Bonferroni), is the probability, and -log10 of it the score. Earlier means of ticks that
    have ended: a burst is not judged by its own beginning.

    Assumes that most edges are normal and counts per tick comparable from tick to tick: where day and
    night differ much, take ticks of an hour or a day. A late edge counts in the running tick. What lasts
    becomes normal: by the mean after some half-lives, by the p-values when it is no longer rare.

    Error: with n records in the tick an estimate of a count is too large by more than e·n / width with
    probability e^-depth, and never too small; likewise means. An edge is taken for known although it is
    new with probability (1 - e^(-m / width))^depth with m edges known; one not seen for about
    three half-lives is new again. Memory: 60 · width · depth bytes and 5 KB, 2 MB by default,
    however many nodes there are; an edge costs O(depth).

    Parameters
    ----------
    alert_probability : float, default 0.001
    tick_seconds : float, default 60
    half_life : float, default 1440
        In ticks: a day by default.
    width : int, default 8192
    depth : int, default 4
    warm_up : int, default 1000
        Edges before one is scored; until then `cold`, with score 0 and probability 1.
    warm_up_ticks : int, default 10
        Ticks before an edge is scored; both must have passed.
    history : int, default 1000000
    seed : int, default 0
        Whoever knows it can choose names that collide: keep one's own where names are chosen by strangers.

    Source
    ------
    Bhatia, Hooi, Yoon, Shin and Faloutsos, MIDAS: Microcluster-based detector of anomalies in edge streams, AAAI
    2020 (MIDAS-R); Cormode and Muthukrishnan 2005 (count-min sketch); Vovk et al. 2005 (conformal p-values).

    Examples
    --------
    >>> import numpy as np
    >>> generator = np.random.default_rng(0)
    >>> sources, destinations = generator.integers(0, 20, size=(2, 6000))
    >>> times = np.arange(6000) * 1000
    >>> sources[5900:], destinations[5900:] = 3, 7
    >>> detector = EdgeStream()
    >>> result = detector.update(detector.new_state(), sources, destinations, times)
    >>> int(result.anomaly[:5900].sum()), bool(result.anomaly[5910:5940].all())
    (0, True)
    >>> result.describe(5930)
    'edge: 31 records between the two in this tick, 0.163 expected'
    """

    name = "edge_stream"
    parameters_type = EdgeStreamParameters
    parameters: EdgeStreamParameters

    @property
    def threshold(self) -> float:
        """-log10 of `alert_probability`."""
        return -math.log10(self.parameters.alert_probability)

    def new_state(self) -> State:
        """The state before the first edge."""
        return {name: np.zeros(shape, dtype) for name, (shape, dtype) in self._shapes().items()}

    def update(self, state: State, sources: Ids, destinations: Ids, time_ms: Ids) -> EdgeScores:
        """Score edges in their order and learn from them, see `GraphDetector.update`.

        Raises
        ------
        DataError
            The lengths differ, ids are not integers, or the state is not one of this detector.
        """
        self._check_state(state)
        starts, ends = _checked("sources", sources), _checked("destinations", destinations)
        times = _checked("time_ms", time_ms)
        if not len(starts) == len(ends) == len(times):
            raise DataError(
                f"there are {len(starts)} sources, {len(ends)} destinations and {len(times)} times"
            )
        output = _empty_output(len(times))
        update_edges(Table(**state), self._policy, starts, ends, times, output)
        anomaly = output.probability < self.parameters.alert_probability  # 1 while cold
        return EdgeScores(anomaly=anomaly, **output._asdict())

    @property
    def _policy(self) -> Policy:
        chosen = self.parameters
        share = 1.0 - 0.5 ** (1.0 / chosen.half_life)
        tick_ms = max(round(chosen.tick_seconds * 1000.0), 1)
        return Policy(tick_ms, share, chosen.warm_up, chosen.warm_up_ticks, chosen.history, chosen.seed)

    def _shapes(self) -> dict[str, tuple[tuple[int, ...], type[np.generic]]]:
        sketch = (len(PARTS), self.parameters.depth, self.parameters.width)
        return {
            "current": (sketch, np.float32),
            "mean": (sketch, np.float32),
            "ticks": (sketch, np.int32),
            "counts": ((len(PARTS), BUCKETS), np.float32),
            "total": ((len(PARTS),), np.float64),
            "largest": ((len(PARTS),), np.float64),
            "waiting": ((len(PARTS), BUCKETS), np.float32),
            "waiting_largest": ((len(PARTS),), np.float64),
            "clock": ((3,), np.int64),
        }

    def _check_state(self, state: State) -> None:
        expected = self._shapes()
        if state.keys() != expected.keys():
            odd = ", ".join(sorted(state.keys() ^ expected.keys()))
            raise DataError(f"this is not a state of the detector {self.name!r}: the arrays differ in {odd}")
        for name, (shape, dtype) in expected.items():
            array = state[name]
            if array.dtype != dtype or array.shape != shape or not array.flags.carray:
                raise DataError(
                    f"array {name!r} of the state must be writable, C-ordered {np.dtype(dtype)} of shape {shape}, "
                    f"not {array.dtype} of {array.shape}; a state serves only the parameters it was made with"
                )


def _checked(name: str, ids: Ids) -> Ids:
    array = np.asarray(ids)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise DataError(
            f"{name} must be integers of shape (n,), not {array.dtype} of {array.shape}; "
            "names become numbers by ad_detectors.graph.keys.hash_keys"
        )
    return for_kernels(array, np.int64)


def _empty_output(rows: int) -> Output:
    shape = (rows, len(PARTS))
    return Output(
        score=np.zeros(rows),
        probability=np.ones(rows),
        cold=np.zeros(rows, np.bool_),
        new_edge=np.zeros(rows, np.bool_),
        parts=np.zeros(shape),
        seen=np.full(shape, np.nan),
        expected=np.full(shape, np.nan),
    )
