"""The same job in six processes on Kafka, PostgreSQL and Redis, with records written straight to the topic."""

import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.client import Client, Rows
from tests.e2e.system import System
from tests.specs.main_job import MainJobSpec

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
    system = System.distributed(folder, kafka_bootstrap, database, redis_url)
    try:
        await system.start()
        yield system
    finally:
        system.stop()


class TestDistributed(MainJobSpec):
    async def produce(self, system: System, client: Client, stream: str, rows: Rows) -> None:
        """By a producer that knows nothing of this platform but the name of the topic."""
        producer = AIOKafkaProducer(bootstrap_servers=system.environment["KAFKA_BOOTSTRAP_SERVERS"])
        headers = [("ce_source", stream.encode()), ("content-type", b"application/json")]
        async with producer:
            for row in rows:
                key = f"{stream}\x1f{row['sensor']}".encode()
                await producer.send(TOPIC, json.dumps(row).encode(), key=key, headers=headers)
