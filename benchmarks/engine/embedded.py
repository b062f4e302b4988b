"""The JSON work on the embedded log, with everything in one process; the records stand in its file beforehand."""

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, at_least
from benchmarks.engine.progress import rates
from benchmarks.engine.records import DISTINCT, as_json, in_turn, values
from benchmarks.engine.rig import Work, embedded, running

FEATURES = 10
MUST, AIM = 100_000, 200_000


async def measure(bench: Bench) -> Section:
    count = bench.sized(600_000, 200_000)
    bodies = as_json(values(DISTINCT, FEATURES))
    async with (
        running(*embedded(bench.folder())) as rig,
        rig.streams("embedded", features=FEATURES, forest=True) as target,
    ):
        found = rates(await rig.work(Work(target, count), in_turn(target, bodies, count)))
    return Section(
        [
            at_least("embedded log, JSON", found.per_second, "/s", MUST, AIM, found.limit()),
            at_least("embedded log, JSON", found.per_cpu_second, "/CPU s"),
        ]
    )
