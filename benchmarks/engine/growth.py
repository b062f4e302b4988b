"""How cost grows: over the size of batches, features, streams and workers."""

from collections.abc import Sequence

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, number
from benchmarks.engine.progress import Rates, rates
from benchmarks.engine.records import as_json, in_turn, values
from benchmarks.engine.rig import PARTITIONS, Rig, Work

FEATURES = 10
USUAL_BATCH = 5_000
DISTINCT = 20_000
HEAD = ("what", "of it", "records/CPU s", "records/s", "limit")


async def measure(bench: Bench) -> Section:
    """The usual case is measured once and stands in several rows."""
    rig = await bench.rig()
    count = bench.sized(300_000, 150_000)
    usual = await _run(rig, count)
    rows: list[Sequence[str]] = []
    for most in bench.pick((500, 5_000, 20_000), (500,)):
        settings = {"DETECTION_MAX_POLL_RECORDS": str(most)}
        found = usual if most == USUAL_BATCH else await _run(rig, count, **settings)
        rows.append(_row("records a batch at most", most, found))
    for features in bench.pick((2, FEATURES, 50), (FEATURES,)):
        found = usual if features == FEATURES else await _run(rig, count, features=features)
        rows.append(_row("features", features, found))
    for streams in (1, 100):
        found = usual if streams == 1 else await _run(rig, count, streams=streams)
        rows.append(_row("streams", streams, found))
    for workers in (1, 2):
        found = await _run(rig, count * workers, workers=workers, partitions=4)
        rows.append(_row("workers", workers, found))
    return Section(head=HEAD, rows=rows)


async def _run(
    rig: Rig,
    count: int,
    *,
    features: int = FEATURES,
    streams: int = 1,
    workers: int = 1,
    partitions: int = PARTITIONS,
    **settings: str,
) -> Rates:
    labels = [f"growth-{number}" for number in range(streams)]
    bodies = as_json(values(DISTINCT, features))
    async with rig.streams(*labels, features=features, forest=True, partitions=partitions) as target:
        chunks = in_turn(target, bodies, count)
        return rates(await rig.work(Work(target, count), chunks, workers, **settings))


def _row(what: str, of_it: int, found: Rates) -> Sequence[str]:
    return what, f"{of_it:,}", number(found.per_cpu_second), number(found.per_second), found.limit()
