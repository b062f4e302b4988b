"""The same job in six processes on Kafka, PostgreSQL and Redis, with records written straight to the topic."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.client import Client, Rows
from tests.e2e.system import System
from tests.specs.main_job import CHUNK, MainJobSpec, by_record, readings, scored_once

pytestmark = pytest.mark.timeout(300)
TOPIC = "records.default"


async def new_database(server: str) -> str:
    """A database of its own; it goes with the server."""
    address = urlsplit(server)._replace(scheme="postgresql")
    connection = await asyncpg.connect(urlunsplit(address))
    name = f"e2e_{uuid.uuid4().hex[:12]}"
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    return urlunsplit(address._replace(path=f"/{name}"))


@pytest.fixture(scope="module")
async def system(
    tmp_path_factory: pytest.TempPathFactory, kafka_bootstrap: str, postgres_server: str, redis_url: str
) -> AsyncIterator[System]:
    folder: Path = tmp_path_factory.mktemp("distributed")
    database = await new_database(postgres_server)
    async with System.distributed(folder, kafka_bootstrap, database, redis_url) as system:
        yield system


def scored_by(system: System, name: str) -> float:
    """How many records this one process has scored."""
    text = httpx2.get(f"http://127.0.0.1:{system.ports[name]}/metrics").text
    return sum(
        map(float, re.findall(r"^anomaly_detection_records_scored_total{.*} (\S+)$", text, re.MULTILINE))
    )


class TestDistributed(MainJobSpec):
    async def test_two_workers_share_the_partitions_and_one_takes_over_when_the_other_is_killed(
        self, system: System, client: Client
    ) -> None:
        rows = readings(6000, seed=7, spikes=(3000,))
        for stream in (
            "alone",
            "halves",
        ):  # whose sensors lie on four partitions, so that each worker gets some
            await client.create_stream(stream)
        await self.produce(system, client, "alone", rows)
        expected = by_record(await client.scores("alone", len(rows)))
        twin = await system.join("detection")
        sent = 0
        while scored_by(system, twin) < CHUNK:
            assert sent < len(rows) - CHUNK, "the second worker got nothing to do"
            await self.produce(system, client, "halves", rows[sent : sent + CHUNK])
            sent += CHUNK
            await asyncio.sleep(0.3)
        system.kill(twin)
        await self.produce_slowly(system, client, "halves", rows[sent:])
        found = await client.scores("halves", len(rows), seconds=90)
        assert scored_once(found, len(rows))
        assert by_record(found) == expected

    async def produce(self, system: System, client: Client, stream: str, rows: Rows) -> None:
        """By a producer that knows nothing of this platform but the name of the topic."""
        producer = AIOKafkaProducer(bootstrap_servers=system.environment["KAFKA_BOOTSTRAP_SERVERS"])
        headers = [("ce_source", stream.encode()), ("content-type", b"application/json")]
        async with producer:
            for row in rows:
                key = f"{stream}\x1f{row['sensor']}".encode()
                await producer.send(TOPIC, json.dumps(row).encode(), key=key, headers=headers)
