"""Records per second through the event log: publish, then consume and commit, embedded and on Kafka.

`python -m benchmarks.eventlog [--quick] [--json FILE]`
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.port import Committed, EventLog, Message, TopicConfig, TopicPartition
from tests.servers.obtain import KINDS, obtain
from tests.servers.process import MissingServer

PARTITIONS = 4
BATCH_RECORDS = 5_000
RECORD = (
    b'{"stream":"machine-temperature","entity":"pump-07",'
    b'"time":"2024-03-01T12:00:00.000Z","value":73.967,"quality":"ok"}'
)
# Records per second that must be reached, and those that are aimed for.
GOALS = {"publish": (20_000, 200_000), "consume and commit": (20_000, 300_000)}


class Silent:
    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        """Nothing to restore."""

    async def on_revoked(self, source: TopicPartition) -> None:
        """Nothing to give up."""


async def publish(log: EventLog, topic: str, records: int) -> float:
    batch = [Message(topic, RECORD, partition=number % PARTITIONS) for number in range(BATCH_RECORDS)]
    started = time.perf_counter()
    for _ in range(records // BATCH_RECORDS):
        await log.publish(batch)
    return records / (time.perf_counter() - started)


async def consume(log: EventLog, topic: str, records: int) -> float:
    consumer = log.consumer("bench", [topic], Silent())
    await consumer.start()
    outputs = [Message("out", RECORD, partition=0)]
    seen, started = 0, 0.0
    while seen < records:
        for batch in await consumer.poll(BATCH_RECORDS, 1.0):
            started = started or time.perf_counter()
            await consumer.commit(batch, outputs)
            seen += len(batch.records)
    seconds = time.perf_counter() - started
    await consumer.stop()
    return records / seconds


async def measure(log: EventLog, records: int) -> dict[str, float]:
    await log.start()
    topic = f"bench.{time.time_ns()}"
    await log.create_topics({topic: TopicConfig(PARTITIONS), "out": TopicConfig(1)})
    found = {
        "publish": await publish(log, topic, records),
        "consume and commit": await consume(log, topic, records),
    }
    await log.stop()
    return found


@contextmanager
def logs() -> Iterator[dict[str, EventLog]]:
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, EventLog] = {"embedded": EmbeddedLog(Path(folder) / "log.sqlite")}
        try:
            kafka = obtain(KINDS[0])
        except MissingServer as error:
            print(f"without Kafka: {error}", file=sys.stderr)
            yield found
            return
        try:
            yield found | {"kafka": KafkaLog(kafka.url)}
        finally:
            kafka.stop()


async def run(records: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    with logs() as sides:
        for side, log in sides.items():
            for figure, value in (await measure(log, records)).items():
                must, aim = GOALS[figure]
                row = {"figure": f"{side}: {figure}", "value": round(value), "unit": "records/s"}
                rows.append({**row, "must": must, "aim": aim, "ok": value >= must})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = asyncio.run(run(100_000 if options.quick else 1_000_000))
    for row in rows:
        print(
            f"{row['figure']:<32}{row['value']:>12,} {row['unit']}   must {row['must']:,}, aim {row['aim']:,}"
        )
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
