"""JSON records of 10 features on the topic, scored by an isolation forest 100 × 256, exactly once."""

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Section, at_least, beside
from benchmarks.engine.progress import rates
from benchmarks.engine.records import DISTINCT, as_json, in_turn, values
from benchmarks.engine.rig import Work

FEATURES = 10
MUST, AIM, PEER = 150_000, 250_000, 800


async def measure(bench: Bench) -> Section:
    rig = await bench.rig()
    count = bench.sized(600_000, 200_000)
    bodies = as_json(values(DISTINCT, FEATURES))
    async with rig.streams("json", features=FEATURES, forest=True) as target:
        samples = await rig.work(Work(target, count), in_turn(target, bodies, count))
    found = rates(samples)
    figure = at_least("JSON records", found.per_cpu_second, "/CPU s", MUST, AIM, found.limit())
    return Section(
        [
            beside(figure, bench.peer, PEER),
            at_least("JSON records, by the clock", found.per_second, "/s"),
        ]
    )
