"""A process that takes committed anomalies off their topic, as any consumer would.

`python -m benchmarks.engine.watcher SERVERS STREAM` prints `ready`, then a line for each anomaly of the stream:
partition, offset, and when it was seen, in nanoseconds of the monotonic clock.
"""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

from ad_contracts.codec import AvroCodec
from ad_contracts.events import AnomalyDetected
from ad_contracts.topics import TOPICS, topic


async def watch(servers: str, stream: str) -> None:
    name, codec = topic("anomalies", "default"), AvroCodec()
    places = [TopicPartition(name, number) for number in range(TOPICS["anomalies"].partitions)]
    async with AIOKafkaConsumer(bootstrap_servers=servers, isolation_level="read_committed") as consumer:
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        for place in places:
            await consumer.position(place)
        print("ready", flush=True)
        while True:
            found = await consumer.getmany(timeout_ms=1000)
            seen = time.monotonic_ns()
            for record in (record for records in found.values() for record in records):
                event = codec.decode(record.value)
                if isinstance(event, AnomalyDetected) and event.stream == stream:
                    print(event.partition, event.offset, seen, flush=True)


if __name__ == "__main__":
    asyncio.run(watch(*sys.argv[1:]))
