"""Records per second through the whole platform as it is run, and how long a record takes to become an anomaly.

Sends JSON bodies over REST (embedded and distributed), and writes JSON records straight to the Kafka topic
(distributed), until the detection service has counted every record as scored.
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2
import numpy as np
from aiokafka import AIOKafkaProducer

from tests.e2e.client import Client
from tests.e2e.system import SERVICE_KEY, System
from tests.servers.obtain import KINDS, obtain

FEATURES = 10
BODY_ROWS = 5_000


@dataclass(frozen=True)
class Figure:
    figure: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    ok: bool = True


def rows(count: int) -> list[dict[str, float]]:
    values = np.random.default_rng(0).normal(size=(count, FEATURES)).round(4)
    names = [f"f{number}" for number in range(FEATURES)]
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]


async def create(client: Client, stream: str) -> None:
    fields = [{"name": f"f{number}", "type": "float"} for number in range(FEATURES)]
    await client.call("POST", "/streams", json={"name": stream, "schema": {"fields": fields}})
    train = await client.train(stream, stream, source={"data": rows(2000)}, contamination=0.01)
    await client.call("POST", f"/models/{stream}/promote", json={"stream": stream})
    print(f"  {stream}: {train}", flush=True)


async def scored(http: httpx2.AsyncClient, port: int, stream: str) -> int:
    headers = {"Authorization": f"Bearer {SERVICE_KEY}"}
    text = (await http.get(f"http://127.0.0.1:{port}/metrics", headers=headers)).text
    found = re.findall(rf'records_scored_total{{[^}}]*dataset="{stream}"[^}}]*}} ([0-9.e+]+)', text)
    return int(sum(map(float, found)))


async def until_scored(system: System, stream: str, count: int) -> None:
    port = system.ports[system.scorer]
    async with httpx2.AsyncClient() as http, asyncio.timeout(600):
        while await scored(http, port, stream) < count:
            await asyncio.sleep(0.02)


async def over_rest(system: System, client: Client, stream: str, count: int) -> Figure:
    """Four requests under way at once, as a few producers would have."""
    await create(client, stream)
    bodies = [json.dumps(rows(BODY_ROWS)).encode()] * (count // BODY_ROWS)
    started = time.perf_counter()
    at_once = asyncio.Semaphore(4)

    async def send(body: bytes) -> None:
        async with at_once:
            headers = {"Content-Type": "application/json"}
            await client.call("POST", f"/streams/{stream}/records", content=body, headers=headers)

    await asyncio.gather(*(send(body) for body in bodies))
    await until_scored(system, stream, count)
    return Figure(f"{stream}: REST to score", count / (time.perf_counter() - started), "records/s")


async def over_kafka(system: System, client: Client, stream: str, count: int) -> Figure:
    """The records are on the topic before the clock starts to run: the figure is that of the worker."""
    await create(client, stream)
    headers = [("ce_source", stream.encode()), ("content-type", b"application/json")]
    values = [json.dumps(row).encode() for row in rows(count)]
    system.end(system.scorer)
    servers = system.environment["KAFKA_BOOTSTRAP_SERVERS"]
    async with AIOKafkaProducer(bootstrap_servers=servers, linger_ms=20, max_batch_size=262_144) as producer:
        for number, value in enumerate(values):
            await producer.send(
                "records.default", value, key=f"{stream}\x1f{number % 64}".encode(), headers=headers
            )
    system.launch(system.scorer)
    await system.ready()
    await until_scored(system, stream, 1)
    async with httpx2.AsyncClient() as http:
        before = await scored(http, system.ports[system.scorer], stream)
        started = time.perf_counter()
        await until_scored(system, stream, count)
    return Figure(
        f"{stream}: topic to score", (count - before) / (time.perf_counter() - started), "records/s"
    )


async def embedded(count: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        system = System.embedded(Path(folder))
        try:
            await system.start()
            async with Client(system.url, system.admin_key()) as client:
                return [await over_rest(system, client, "embedded", count)]
        finally:
            system.stop()


async def distributed(count: int) -> list[Figure]:
    from tests.e2e.test_distributed import new_database

    async with AsyncExitStack() as stack:
        kafka, postgres, redis = (obtain(kind) for kind in KINDS)
        for server in (kafka, postgres, redis):
            stack.callback(server.stop)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = await new_database(postgres.url)
        system = System.distributed(Path(folder), kafka.url, database, redis.url)
        stack.callback(system.stop)
        await system.start()
        async with Client(system.url, system.admin_key()) as client:
            return [
                await over_rest(system, client, "distributed", count),
                await over_kafka(system, client, "kafka", count),
            ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50,000 records instead of 500,000")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    count = 50_000 if options.quick else 500_000
    figures = asyncio.run(embedded(count)) + asyncio.run(distributed(count))
    for figure in figures:
        print(f"{figure.figure:<40} {figure.value:>12,.0f} {figure.unit}")
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=1))
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
