"""A producer in a process of its own, until SIGTERM."""

import asyncio
import signal
import time
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from ad_contracts.partitioning import record_key
from tests.faults.ledger import Acknowledged, Ledger
from tests.faults.records import Reading, readings, untidy

SYNC_SECONDS = 0.05
# In bursts, or every record would be a transaction of its own.
BURST_SECONDS = 0.1
CATCH_UP_SECONDS = 0.5
JUMP_RECORDS = 300
JUMPS_MS = (0, 3_600_000, -3_600_000)


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What to send, and where the ledger lies. `count` 0 goes on until told to stop."""

    bootstrap: str
    topic: str
    stream: str
    ledger: str
    source: str = "a"
    seed: int = 0
    rate: float = 1_000
    count: int = 0
    anomalous_share: float = 0.01
    untidy_share: float = 0.0
    clock_jumps: bool = False
    """Whether the producer's clock is an hour ahead or behind for hundreds of records at a time."""


class Pace:
    """So many a second; what an outage held up is not made up for in one burst."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._due = time.monotonic()

    async def step(self) -> None:
        now = time.monotonic()
        self._due = max(self._due + 1 / self._rate, now - CATCH_UP_SECONDS)
        if self._due - now > BURST_SECONDS:
            await asyncio.sleep(self._due - now)


def run(settings: Mapping[str, Any]) -> None:
    """Blocks until all is sent or it is told to stop."""
    failed = asyncio.run(generate(msgspec.convert(settings, Traffic)))
    print(f"{failed} sends were not acknowledged")


async def generate(traffic: Traffic) -> int:
    """How many sends were not acknowledged; the others stand in the ledger."""
    stopped, ledger = asyncio.Event(), Ledger(Path(traffic.ledger))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    failed: list[BaseException] = []

    def note(reading: Reading, sent: Any) -> None:
        if sent.cancelled() or sent.exception():
            failed.append(sent.exception())
            return
        stored = sent.result()
        ledger.note(Acknowledged(stored.partition, stored.offset, reading.source, reading.sequence))

    syncing = asyncio.create_task(_sync(ledger))
    producer = AIOKafkaProducer(
        bootstrap_servers=traffic.bootstrap,
        enable_idempotence=True,
        linger_ms=5,
        metadata_max_age_ms=1_000,
        request_timeout_ms=120_000,
    )
    async with producer:
        pace = Pace(traffic.rate)
        for reading in _wanted(traffic):
            if stopped.is_set():
                break
            (await _send(producer, traffic, reading)).add_done_callback(partial(note, reading))
            await pace.step()
        await producer.flush()
    syncing.cancel()
    ledger.sync()
    return len(failed)


def _wanted(traffic: Traffic) -> Any:
    found = readings(traffic.seed, traffic.source, traffic.anomalous_share)
    if traffic.untidy_share:
        found = untidy(found, traffic.seed, traffic.untidy_share)
    return islice(found, traffic.count or None)


async def _send(producer: Any, traffic: Traffic, reading: Reading) -> Any:
    jumped_ms = JUMPS_MS[reading.sequence // JUMP_RECORDS % len(JUMPS_MS)] if traffic.clock_jumps else 0
    return await producer.send(
        traffic.topic,
        msgspec.json.encode(reading),
        timestamp_ms=time.time_ns() // 1_000_000 + jumped_ms,
        key=record_key(traffic.stream, reading.sensor),
        headers=[("ce_source", traffic.stream.encode()), ("content-type", b"application/json")],
    )


async def _sync(ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(SYNC_SECONDS)
        ledger.sync()
