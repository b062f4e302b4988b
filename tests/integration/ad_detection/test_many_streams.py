"""Ten thousand streams on the topic of a tenant: none has a thread, a topic or a label of its own, or much memory."""

import gc
import re
import threading
import time
from pathlib import Path

import msgspec
import pytest

from ad_chassis.eventlog.port import Message
from ad_chassis.metrics import MOST_DATASETS, OTHERS
from tests.support.records import TOPIC, stored
from tests.unit.ad_detection.test_main import STREAM, Running, detection, until

pytestmark = pytest.mark.timeout(300)
STREAMS = 10_000
MOST_BYTES = 40_000
"""Of a stream with one entity scored by `adaptive`: 7,302 of them are the detector's."""
SCORED = re.compile(r"^anomaly_detection_records_scored_total\{.*\} (\S+)$", re.MULTILINE)


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def tell_all(running: Running) -> None:
    encode = running.platform.codec.encode
    for start in range(0, STREAMS, 1_000):
        names = [f"s{number}" for number in range(start, start + 1_000)]
        told = [
            (name, encode(msgspec.structs.replace(STREAM, stream=name, settings_json="{}"))) for name in names
        ]
        await running.publish(
            *(Message("streams", event, f"default/{name}".encode()) for name, event in told)
        )


async def send_all(running: Running, value: float) -> None:
    records = [
        stored(0, {"sensor": "a", "load": value, "heat": 1.0}, f"s{number}") for number in range(STREAMS)
    ]
    for start in range(0, STREAMS, 1_000):
        part = enumerate(records[start : start + 1_000], start)
        await running.publish(
            *(Message(TOPIC, one.value, b"s%d" % number, one.headers) for number, one in part)
        )


async def scored(running: Running) -> float:
    return sum(map(float, SCORED.findall((await running.http.get("/metrics")).text)))


async def until_scored(running: Running, records: int) -> None:
    async def all_of_them() -> bool:
        return await scored(running) == records

    await until(all_of_them, 120)


async def test_ten_thousand_streams_cost_memory_and_nothing_else(tmp_path: Path) -> None:
    async with detection(tmp_path) as running:
        await running.tell(STREAM)
        await running.send([stored(0, {"sensor": "a", "load": 1.0, "heat": 1.0})])
        await until_scored(running, 1)
        topics, threads = await running.platform.event_log.topics(), threading.active_count()
        before, began, worked = resident_bytes(), time.monotonic(), time.process_time()
        await tell_all(running)
        for number in range(2):
            await send_all(running, float(number))
            await until_scored(running, 1 + (number + 1) * STREAMS)
        each = (resident_bytes() - before) / STREAMS
        page = (await running.http.get("/metrics")).text
        print(
            f"{STREAMS:,} streams: {each:,.0f} bytes each, {time.monotonic() - began:.1f} s,"
            f" {time.process_time() - worked:.1f} CPU s, /metrics {len(page):,} bytes"
        )
        assert await running.platform.event_log.topics() == topics
        assert threading.active_count() <= threads + 1
        assert each < MOST_BYTES
        assert len(set(re.findall(r'dataset="([^"]+)"', page))) == MOST_DATASETS + 1
        assert f'dataset="{OTHERS}"' in page
