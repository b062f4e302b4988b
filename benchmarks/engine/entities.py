"""A stream without a model, scored by `adaptive` of size light: time and memory from 1,000 to a million entities."""

from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Measured, Section, at_least, at_most, number
from benchmarks.engine.process import Memory, memory
from benchmarks.engine.progress import Rates, rates
from benchmarks.engine.records import of_entities
from benchmarks.engine.rig import Rig, Work

MANY = 10_000
MUST, AIM = 80_000, 150_000
MILLION = 1_000_000
MOST_GIGABYTES, LEAST_OF_RATE = 2.0, 0.5
BUSY_SHARE = 100
ROOM_MB = 320
"""What the limit leaves a million entities, beside what the process takes with a thousand: a quarter of their need."""
HEAD = ("entities", "updates/CPU s", "updates/s", "MB now", "MB at most", "bytes each", "limit")


async def measure(bench: Bench) -> Section:
    rig = await bench.rig()
    updates = bench.sized(400_000, 150_000)
    figures: list[Measured] = []
    for size in ("light",) if bench.quick else ("light", "rich"):
        found, _ = await _run(rig, MANY, updates, size)
        must, aim = (MUST, AIM) if size == "light" else (None, None)
        name = f"adaptive {size}, 10,000 entities"
        figures += [
            at_least(name, found.per_cpu_second, "/CPU s", must, aim, found.limit()),
            at_least(f"{name}, by the clock", found.per_second, "/s"),
        ]
    counts = (1_000, 100_000) if bench.quick else (1_000, 100_000, MILLION)
    grown = {count: await _run(rig, count, updates) for count in counts}
    least = grown[counts[0]]
    rows = [_row(count, *grown[count], least[1]) for count in counts]
    spilled = await _limited(rig, counts[-1], updates, least[1])
    return Section([*figures, *_million(grown), *spilled.figures], HEAD, [*rows, *spilled.rows])


async def _run(
    rig: Rig,
    entities: int,
    updates: int,
    size: str = "light",
    busy: int | None = None,
    **settings: str,
) -> tuple[Rates, Memory]:
    """Every entity is known before measuring begins."""
    async with rig.streams(f"{size}-{entities}", features=1, entity=True, size=size) as target:
        work = Work(target, entities + updates, warm=entities)
        samples = await rig.work(work, of_entities(target, entities, work.messages, busy), **settings)
        return rates(samples), memory(rig.system.pid(rig.system.scorer))


async def _limited(rig: Rig, entities: int, updates: int, least: Memory) -> Section:
    """Few of the entities are busy: with all in memory, and with a limit for the process that they do not fit into."""
    busy = entities // BUSY_SHARE
    free = await _run(rig, entities, updates, busy=busy)
    limit_mb = round(least.peak / 1e6) + ROOM_MB * entities // MILLION
    limited = await _run(rig, entities, updates, busy=busy, DETECTION_MEMORY_MB=str(limit_mb))
    share = limited[0].per_cpu_second / free[0].per_cpu_second
    name = f"{entities:,} entities, {busy:,} busy"
    return Section(
        [
            at_most(f"{name}: memory at most with a limit", limited[1].peak / 1e6, "MB", limit_mb),
            at_least(
                f"{name}: rate with that limit ÷ without", share, "", LEAST_OF_RATE, 1.0, limited[0].limit()
            ),
        ],
        rows=[
            (label, *_row(entities, *found, least)[1:])
            for label, found in ((name, free), (f"the same within {limit_mb} MB", limited))
        ],
    )


def _million(grown: dict[int, tuple[Rates, Memory]]) -> list[Measured]:
    if MILLION not in grown:
        return []
    few, (found, used) = grown[1_000][0], grown[MILLION]
    share = found.per_cpu_second / few.per_cpu_second
    return [
        at_most("memory with 1,000,000 entities", used.peak / 1e9, "GB", MOST_GIGABYTES),
        at_least("rate with 1,000,000 ÷ rate with 1,000", share, "", LEAST_OF_RATE, 1.0, found.limit()),
    ]


def _row(entities: int, found: Rates, used: Memory, least: Memory) -> tuple[str, ...]:
    """What an entity takes is what the process grew by."""
    each = "" if used is least else number((used.resident - least.resident) / entities)
    return (
        f"{entities:,}",
        number(found.per_cpu_second),
        number(found.per_second),
        number(used.resident / 1e6),
        number(used.peak / 1e6),
        each,
        found.limit(),
    )
