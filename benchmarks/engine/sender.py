"""A process that sends records evenly, 500 small batches a second, now and then with a strange one.

`python -m benchmarks.engine.sender SERVERS TOPIC PARTITIONS STREAM RECORDS_PER_SECOND SECONDS` prints a line for each
strange record: partition, offset and when it was sent, in nanoseconds of the monotonic clock; at last the rate.
"""

import asyncio
import sys
import time
from typing import Any

from aiokafka import AIOKafkaProducer

from benchmarks.engine.records import DISTINCT, JSON, as_json, headers_of, values

TICK_SECONDS = 0.002
STRANGE_EVERY = 25  # ticks; has no divisor in common with the partitions, so each gets some
FEATURES = 10
FAR = 12.0


async def send(servers: str, topic: str, partitions: int, stream: str, rate: int, seconds: float) -> None:
    headers = list(headers_of(stream, JSON))
    ordinary = as_json(values(DISTINCT, FEATURES))
    strange = as_json(values(DISTINCT // STRANGE_EVERY, FEATURES, seed=2) + FAR)
    each, sent = round(rate * TICK_SECONDS), list[tuple[Any, int]]()
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        begun = time.monotonic()
        ticks = round(seconds / TICK_SECONDS)
        for tick in range(ticks):
            await asyncio.sleep(max(begun + tick * TICK_SECONDS - time.monotonic(), 0))
            batch, now_ms = producer.create_batch(), time.time_ns() // 1_000_000
            bodies = [ordinary[(tick * each + row) % DISTINCT] for row in range(each)]
            if tick % STRANGE_EVERY == 0:
                bodies[0] = strange[tick // STRANGE_EVERY % len(strange)]
            for body in bodies:
                batch.append(timestamp=now_ms, key=None, value=body, headers=headers)
            at = time.monotonic_ns()
            stored = await producer.send_batch(batch, topic, partition=tick % partitions)
            if tick % STRANGE_EVERY == 0:
                sent.append((stored, at))
        took = time.monotonic() - begun
        for stored, at in sent:
            place = await stored
            print(place.partition, place.offset, at)
    print(ticks * each / took)


if __name__ == "__main__":
    servers, topic, partitions, stream, rate, seconds = sys.argv[1:]
    asyncio.run(send(servers, topic, int(partitions), stream, int(rate), float(seconds)))
