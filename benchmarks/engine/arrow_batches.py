"""The same rows as Arrow messages of 1,000, as ingestion writes them."""

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, at_least, beside
from benchmarks.engine.progress import rates
from benchmarks.engine.records import ARROW, DISTINCT, ROWS_PER_ARROW, as_arrow, in_turn, values
from benchmarks.engine.rig import Work

FEATURES = 10
MUST, AIM = 500_000, 900_000


async def measure(bench: Bench) -> Section:
    rig = await bench.rig()
    count = bench.sized(3_000, 1_000)
    bodies = as_arrow(values(DISTINCT, FEATURES))
    async with rig.streams("arrow", features=FEATURES, forest=True) as target:
        chunks = in_turn(target, bodies, count, ARROW)
        samples = await rig.work(Work(target, count, ROWS_PER_ARROW), chunks)
    found = rates(samples, ROWS_PER_ARROW)
    figure = at_least("rows of Arrow", found.per_cpu_second, "/CPU s", MUST, AIM, found.limit())
    return Section(
        [beside(figure, bench.peer), at_least("rows of Arrow, by the clock", found.per_second, "/s")]
    )
