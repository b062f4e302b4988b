"""Graph detectors: replays and restarts are bit-equal, memory is constant, bursts and scans are found."""

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from ad_detectors import catalog
from ad_detectors.base import State
from ad_detectors.checks.expect import expect, expect_refusal, same_bits
from ad_detectors.graph.base import EdgeScores, GraphDetector

NODES = 200
EDGES = 30_000
LENGTH = 40

Ids = NDArray[np.int64]
Edges = tuple[Ids, Ids, Ids]


def split_into_batches_does_not_matter(name: str) -> None:
    """One by one, in batches of any size, with a snapshot in between: same scores, same state."""
    detector = catalog.create_graph(name)
    edges = _traffic(3000)
    whole_state = detector.new_state()
    whole = detector.update(whole_state, *edges)
    for size in (1, 7, 1000):
        state, parts = detector.new_state(), list[EdgeScores]()
        for start in range(0, len(edges[0]), size):
            if start % (size * 100) == 0:
                state = {key: array.copy() for key, array in state.items()}
            parts.append(detector.update(state, *(column[start : start + size] for column in edges)))
        expect(_same(_joined(parts), whole), f"{name}: batches of {size} give other scores")
        same = all(same_bits(state[key], whole_state[key]) for key in whole_state)
        expect(same, f"{name}: batches of {size}, other state")


def memory_is_constant(name: str) -> None:
    """Ten times as many edges and nodes take not one byte more."""
    detector = catalog.create_graph(name)
    state = detector.new_state()
    before = {key: array.nbytes for key, array in state.items()}
    for seed in range(3):
        detector.update(state, *_traffic(5000, nodes=10_000_000, seed=seed))
    expect({key: array.nbytes for key, array in state.items()} == before, f"{name}: the state grew")


def scores_are_in_range(name: str) -> None:
    """Finite scores, probabilities in (0, 1], cold edges without either; also where time stands or jumps."""
    sources, destinations, times = _traffic(4000)
    jumps = times.copy()
    jumps[2000:] += 10**12
    odd = {
        "usual times": times,
        "one moment": times * 0,
        "backwards": times[::-1],
        "far jumps": jumps,
        "before 1970": times - 10**12,
        "extreme": np.where(np.arange(4000) % 2 == 0, -(2**62), 2**62),
    }
    for title, own in odd.items():
        detector = catalog.create_graph(name)
        result = detector.update(detector.new_state(), sources, destinations, own)
        finite = np.isfinite(result.score).all() and np.isfinite(result.parts).all()
        expect(finite and (result.score >= 0).all(), f"{name}: a score is not finite with {title}")
        expect(((result.probability > 0) & (result.probability <= 1)).all(), f"{name}: probability, {title}")
        cold = result.cold
        expect((result.score[cold] == 0).all() and not result.anomaly[cold].any(), f"{name}: cold, {title}")
        expect(cold[0], f"{name} scores the first edge with {title}")


def usual_traffic_is_silent(name: str) -> None:
    """On normal traffic one in 1,000 is at most two in 1,000."""
    detector = catalog.create_graph(name)
    result = detector.update(detector.new_state(), *_traffic(EDGES))
    warm = ~result.cold
    expect(warm.sum() > EDGES / 2, f"{name} is cold for more than half of {EDGES} edges")
    share = (result.probability[warm] <= 1e-3).mean()
    expect(share <= 2e-3, f"{name}: one in 1,000 comes {1000 * share:.2f} times in 1,000")


def burst_between_two_nodes_is_found(name: str) -> None:
    """Forty records in ten seconds between two that are usually quiet: most of them, and none before."""
    sources, destinations, times = _traffic(EDGES)
    place = _inserted(times)
    sources[place], destinations[place] = 150, 151
    _expect_found(name, (sources, destinations, times), place, ("edge", "source", "destination"))


def scan_by_one_node_is_found(name: str) -> None:
    """One source asks forty others, each once: no pair is busy, but the source is."""
    sources, destinations, times = _traffic(EDGES)
    place = _inserted(times)
    sources[place], destinations[place] = 150, np.arange(LENGTH) + 1000
    result = _expect_found(name, (sources, destinations, times), place, ("source", "fan_out"))
    expect(result.new_edge[place].all(), f"{name} takes new pairs for known ones")
    expect(result.source_score[place][-1] > result.destination_score[place][-1], f"{name} blames the target")


def unusable_input_is_refused_and_input_never_changed(name: str) -> None:
    """Names instead of ids, lengths that differ, states of others, unknown parameters."""
    detector = catalog.create_graph(name)
    state, edges = detector.new_state(), _traffic(10)
    before = [column.tobytes() for column in edges]
    detector.update(state, *edges)
    expect([column.tobytes() for column in edges] == before, f"{name} changed its input")
    _expect_refusals(detector, state, edges)
    expect_refusal(lambda: catalog.create_graph(name, nothing=1), ("nothing",), "an unknown parameter")


GRAPH = (
    split_into_batches_does_not_matter,
    memory_is_constant,
    scores_are_in_range,
    usual_traffic_is_silent,
    burst_between_two_nodes_is_found,
    scan_by_one_node_is_found,
    unusable_input_is_refused_and_input_never_changed,
)


def _expect_refusals(detector: GraphDetector, state: State, edges: Edges) -> None:
    sources, destinations, times = edges
    words = np.array(["a"] * len(sources))
    expect_refusal(lambda: detector.update(state, words, destinations, times), ("sources", "hash"), "names")
    expect_refusal(lambda: detector.update(state, sources[:3], destinations, times), ("3", "10"), "a lost id")
    expect_refusal(lambda: detector.update({}, *edges), (detector.name,), "a state of nothing")
    short = {key: array[:1] for key, array in state.items()}
    expect_refusal(lambda: detector.update(short, *edges), ("shape",), "a state of another size")


def _traffic(count: int, nodes: int = NODES, seed: int = 2) -> Edges:
    """Everyone talks to a few others, some more than others; four records a second."""
    generator = np.random.default_rng(seed)
    sources = generator.integers(0, nodes, count)
    friend = (generator.random(count) ** 2 * 10).astype(np.int64)
    return sources, (sources * 7 + friend * 13) % nodes, np.arange(count, dtype=np.int64) * 250


def _inserted(times: Ids) -> slice:
    """Places of one tick, late in the stream."""
    start = int(np.searchsorted(times, times[-1] // 60_000 * 60_000 - 60_000))
    return slice(start, start + LENGTH)


def _expect_found(name: str, edges: Edges, place: slice, reasons: tuple[str, ...]) -> EdgeScores:
    detector = catalog.create_graph(name)
    result = detector.update(detector.new_state(), *edges)
    share = result.anomaly[place].mean()
    expect(share >= 0.5, f"{name} finds {share:.0%} of it")
    false = int(result.anomaly[: place.start].sum())
    expect(false <= 2e-3 * place.start, f"{name} raises {false} alerts before it")
    last = place.stop - 1
    expect(result.reason(last) in reasons, f"{name} gives the reason {result.reason(last)!r}")
    expect(result.score[last] >= detector.threshold, f"{name}: an anomaly scores below the threshold")
    expect(result.reason(last) in result.describe(last), f"{name} does not say why")
    return result


def _joined(parts: list[EdgeScores]) -> EdgeScores:
    names = [field.name for field in fields(EdgeScores)]
    return replace(
        parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


def _same(first: EdgeScores, second: EdgeScores) -> bool:
    names = [field.name for field in fields(EdgeScores)]
    return all(same_bits(getattr(first, name), getattr(second, name)) for name in names)
