"""Streaming detectors: updates per second over many entities, and what an entity costs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ad_detectors import catalog
from ad_detectors.base import StreamingDetector
from benchmarks.detectors import rcf_java
from benchmarks.detectors.clock import best_seconds
from benchmarks.figures import Figure

ENTITIES, BATCH = 10_000, 20_000
WARM_ROUNDS = 3
# A forest per entity takes hundreds of KB: one entity, as the libraries beside it are measured.
BIG_ENTITIES, BIG_STATE = 1, 100_000
MUST_UPDATES = {"adaptive light": 300_000.0, "adaptive rich": 50_000.0}
MOST_BYTES = {"adaptive light": 1024.0, "adaptive rich": 20_480.0}
RCF_MUST, HST_MUST = 30_000.0, 3.0
SAME_TREES = "half_space_trees, 10 trees"
"""As many as River has."""


@dataclass(frozen=True)
class Line:
    """One detector's cost."""

    name: str
    updates_per_second: float
    one_record_us: float
    state_bytes: int
    entities: int


def measured() -> dict[str, StreamingDetector]:
    """Every streaming detector with its defaults; the sizes that are promised something of by name."""
    found = {name: catalog.create_streaming(name) for name in catalog.names("streaming")}
    del found["adaptive"]
    found[SAME_TREES] = catalog.create_streaming("half_space_trees", trees=10)
    sizes = {
        f"adaptive {size}": catalog.create_streaming("adaptive", size=size) for size in ("rich", "light")
    }
    return sizes | found


def measure(budget: float) -> list[Line]:
    """One variable, records of random entities, after each entity has been seen some times."""
    return [_line(name, detector, budget) for name, detector in measured().items()]


def _line(name: str, detector: StreamingDetector, budget: float) -> Line:
    one = detector.new_state(1)
    state_bytes = sum(array.nbytes for array in one.values())
    entities = BIG_ENTITIES if state_bytes > BIG_STATE else ENTITIES
    state, clock = detector.new_state(entities), _Clock(entities)
    for _ in range(max(WARM_ROUNDS, 40 * entities // BATCH)):
        detector.update(state, *clock.batch(BATCH))
    batch = clock.batch(BATCH)
    seconds = best_seconds(lambda: detector.update(state, *batch), budget)
    row = clock.batch(1)
    single = best_seconds(lambda: detector.update(state, *row), budget)
    return Line(name, BATCH / seconds, single * 1e6, state_bytes, entities)


class _Clock:
    """Batches in order of event time: a noisy daily wave, one record a minute."""

    def __init__(self, entities: int) -> None:
        self._generator = np.random.default_rng(0)
        self._entities, self._now = entities, 1_700_000_000_000

    def batch(self, rows: int) -> tuple[Any, Any, Any]:
        times = self._now + np.arange(rows, dtype=np.int64) * 60_000 // self._entities
        self._now = int(times[-1]) + 1
        wave = np.sin(times / 86_400_000 * 2 * np.pi)
        values = wave + self._generator.normal(scale=0.3, size=rows)
        return self._generator.integers(0, self._entities, rows), values.reshape(-1, 1), times


def river_updates_per_second(make: Callable[[], Any], budget: float) -> float:
    """Score and learn, one entity, as River is used."""
    model, rows = make(), [{"x": float(value)} for value in np.random.default_rng(0).random(1000)]

    def run() -> None:
        for row in rows:
            model.score_one(row)
            model.learn_one(row)

    run()
    return len(rows) / best_seconds(run, budget)


def peers(budget: float, quick: bool) -> dict[str, float]:
    """Updates per second of others' detectors in the same run."""
    from river.anomaly import HalfSpaceTrees

    found = {
        "River HalfSpaceTrees": river_updates_per_second(lambda: HalfSpaceTrees(seed=1), budget),
    }
    java = rcf_java.updates_per_second(20_000 if quick else 200_000)
    return found if java is None else found | {"AWS RandomCutForest (Java)": java}


def figures(lines: list[Line], others: dict[str, float]) -> list[Figure]:
    """What is promised of speed and of state."""
    found = []
    for line in lines:
        must = MUST_UPDATES.get(line.name)
        speed = line.updates_per_second
        found.append(
            Figure(f"{line.name}.updates", speed, "updates/s", must, None, must is None or speed >= must)
        )
        most = MOST_BYTES.get(line.name)
        fits = most is None or line.state_bytes <= most
        found.append(Figure(f"{line.name}.state", line.state_bytes, "bytes", most, None, fits))
    speeds = {line.name: line.updates_per_second for line in lines}
    java, forest = others.get("AWS RandomCutForest (Java)"), speeds["random_cut_forest"]
    found.append(
        Figure("random_cut_forest.updates_per_core", forest, "updates/s", RCF_MUST, java, forest >= RCF_MUST)
    )
    ratio = speeds[SAME_TREES] / others["River HalfSpaceTrees"]
    found.append(Figure("half_space_trees.vs_river", ratio, "x River", HST_MUST, None, ratio >= HST_MUST))
    return found


def show(lines: list[Line], others: dict[str, float]) -> None:
    """The table for people."""
    table = Table(title=f"streaming detectors, one variable, batches of {BATCH:,}, one thread")
    for column in ("detector", "updates/s", "one record", "state per entity", "entities"):
        table.add_column(column, justify="left" if column == "detector" else "right")
    for line in lines:
        speed, single = f"{line.updates_per_second:,.0f}", f"{line.one_record_us:,.1f} µs"
        table.add_row(line.name, speed, single, f"{line.state_bytes:,} bytes", f"{line.entities:,}")
    for name, speed in others.items():
        table.add_row(name, f"{speed:,.0f}", "", "", "1")
    Console().print(table)
