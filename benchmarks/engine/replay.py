"""Records of the past scored again by an isolation forest, beside the live path: from the lake and from the log."""

import asyncio
import io
from datetime import datetime
from typing import Any

import polars as pl

from benchmarks.engine import progress
from benchmarks.engine.bench import Bench
from benchmarks.engine.figures import Measured, Section, at_least, at_most, number
from benchmarks.engine.process import cpu_seconds
from benchmarks.engine.records import DISTINCT, as_json, in_turn, names, values
from benchmarks.engine.rig import Rig

FEATURES = 10
DAY = 86_400_000
HOUR = 3_600_000
MUST_MINUTES, AIM_MINUTES = 5.0, 2.0
ARRIVED_PER_SECOND, MUST_TIMES = 1_000, 20
BODY_ROWS = 50_000
ARROW = "application/vnd.apache.arrow.stream"
LOOK_SECONDS, MOST_SECONDS = 0.2, 900
HEAD = ("from", "rows", "seconds", "rows/s", "detection rows/CPU s", "ingestion rows/CPU s")
Found = dict[str, float]


async def measure(bench: Bench) -> Section:
    rig = await bench.rig()
    lake = await _lake(rig, bench.sized(4 * HOUR, HOUR))
    log = await _log(rig, bench.sized(1_000_000, 400_000))
    rate = lake["rows"] / lake["seconds"]
    figures: list[Measured] = [
        at_most(
            "replay of a day of 1,000 records/s from the lake",
            DAY / rate / 60,
            "min",
            MUST_MINUTES,
            AIM_MINUTES,
            f"from {lake['rows']:,.0f} rows",
        ),
        at_least("faster than it arrived, lake", rate / ARRIVED_PER_SECOND, "times", MUST_TIMES),
        at_least("replay from the log, JSON", log["rows"] / log["seconds"], "/s"),
    ]
    return Section(figures, HEAD, [_row("lake", lake), _row("log, JSON", log)])


async def _lake(rig: Rig, rows: int) -> Found:
    async with rig.streams("replay-lake", features=FEATURES, forest=True) as target:
        [stream] = target.streams
        body = _arrow()
        for _ in range(0, rows, BODY_ROWS):
            path, headers = f"/streams/{stream}/records", {"content-type": ARROW}
            await rig.client.call("POST", path, content=body, headers=headers)
        await _scored(rig, stream, rows)
        return await _replayed(rig, stream, "lake")


async def _log(rig: Rig, rows: int) -> Found:
    async with rig.streams("replay-log", features=FEATURES, forest=True) as target:
        await rig.publish(in_turn(target, as_json(values(DISTINCT, FEATURES)), rows))
        await _scored(rig, target.streams[0], rows)
        return await _replayed(rig, target.streams[0], "log")


async def _scored(rig: Rig, stream: str, rows: int) -> None:
    """The live path is done with them, so that the replay is alone."""
    async with asyncio.timeout(MOST_SECONDS):
        while progress.total(await rig.metrics(rig.system.scorer), progress.SCORED, dataset=stream) < rows:
            await asyncio.sleep(LOOK_SECONDS)


async def _replayed(rig: Rig, stream: str, source: str) -> Found:
    pids = {name: rig.system.pid(name) for name in (rig.system.scorer, "ingestion")}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    replay: dict[str, Any] = await rig.client.call(
        "POST", "/replays", json={"stream": stream, "source": source}
    )
    async with asyncio.timeout(MOST_SECONDS):
        while replay["state"] in {"queued", "running"}:
            await asyncio.sleep(LOOK_SECONDS)
            replay = await rig.client.call("GET", f"/replays/{replay['id']}")
    assert replay["state"] == "succeeded", replay
    begun, ended = (datetime.fromisoformat(replay[name]) for name in ("started_at", "finished_at"))
    used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    return {
        "rows": replay["rows"],
        "seconds": (ended - begun).total_seconds(),
        "detection": used[rig.system.scorer],
        "ingestion": used["ingestion"],
    }


def _arrow() -> bytes:
    buffer = io.BytesIO()
    frame = pl.DataFrame(values(BODY_ROWS, FEATURES), schema=names(FEATURES))
    frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def _row(source: str, found: Found) -> tuple[str, ...]:
    rows = found["rows"]
    return (
        source,
        f"{rows:,.0f}",
        number(found["seconds"]),
        number(rows / found["seconds"]),
        number(rows / max(found["detection"], 0.01)),
        number(rows / found["ingestion"]) if found["ingestion"] > 1 else "",
    )
