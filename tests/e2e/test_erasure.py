"""A tenant is exported and erased, in one process and in six on real servers."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.asyncio import Redis

from tests.e2e.system import System
from tests.e2e.test_distributed import new_database
from tests.specs.erasure import SHARED_UNTIL_RETENTION, TENANT, ErasureSpec

pytestmark = pytest.mark.timeout(300)
NAME = TENANT.encode()
# The audit log outlives what it tells of.
KEPT = ("audit_entries", "audit_heads")


def in_objects(folder: Path) -> Iterator[str]:
    for path in (folder / "objects").rglob("*"):
        if TENANT in str(path.relative_to(folder)) and path.is_file():
            yield str(path)
        elif path.is_file() and NAME in path.read_bytes():
            yield f"inside {path}"


def in_database(path: Path) -> Iterator[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in set(names) - set(KEPT):
            for row in db.execute(f'SELECT * FROM "{name}"'):
                if TENANT in repr(row):
                    yield f"{path.name}: {name}"


def in_log(path: Path) -> Iterator[str]:
    """What messages hold; the embedded log keeps names of topics, and tombstones for a day."""
    messages = (
        "SELECT p.topic, m.key, m.value, m.headers FROM messages m JOIN partitions p ON p.id = m.id >> 42"
        " WHERE m.value IS NOT NULL"
    )
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        for topic, *parts in db.execute(messages):
            if topic not in SHARED_UNTIL_RETENTION and (
                TENANT in topic or any(NAME in (part or b"") for part in parts)
            ):
                yield f"log: {topic}"


class TestEmbedded(ErasureSpec):
    @pytest.fixture
    async def system(self, tmp_path: Path) -> AsyncIterator[System]:
        async with System.embedded(tmp_path / "data") as system:
            yield system

    async def places(self, system: System) -> list[str]:
        databases = sorted((system.folder / "databases").glob("*.sqlite"))
        return [
            *in_objects(system.folder),
            *(place for each in databases for place in in_database(each)),
            *in_log(system.folder / "eventlog.sqlite"),
        ]


class TestDistributed(ErasureSpec):
    @pytest.fixture
    async def system(
        self, tmp_path: Path, kafka_bootstrap: str, postgres_server: str, redis_url: str
    ) -> AsyncIterator[System]:
        database = await new_database(postgres_server)
        async with System.distributed(tmp_path / "data", kafka_bootstrap, database, redis_url) as system:
            yield system

    async def places(self, system: System) -> list[str]:
        servers = system.environment
        return [
            *in_objects(system.folder),
            *await in_postgres(servers["DATABASE_URL"]),
            *await in_kafka(servers["KAFKA_BOOTSTRAP_SERVERS"]),
            *await in_redis(servers["REDIS_URL"]),
        ]


async def in_postgres(url: str) -> list[str]:
    connection = await asyncpg.connect(urlunsplit(urlsplit(url)._replace(scheme="postgresql")))
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 2200"
    )
    found = []
    for name in {name for (name,) in tables} - set(KEPT):
        query = f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE $1'
        if await connection.fetchval(query, f"%{TENANT}%"):
            found.append(f"table {name}")
    await connection.close()
    return found


async def in_kafka(bootstrap: str) -> list[str]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await consumer.start()
    topics = await consumer.topics()
    found = [f"topic {name}" for name in topics if TENANT in name]
    for name in ("streams", "deployments", "tenants"):
        source = TopicPartition(name, 0)
        consumer.assign([source])
        await consumer.seek_to_beginning(source)
        end = (await consumer.end_offsets([source]))[source]
        newest: dict[bytes | None, bytes | None] = {}
        while await consumer.position(source) < end:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                newest |= {record.key: record.value for record in records}
        # Compaction forgets what a tombstone follows.
        found += [f"{name}: {key!r}" for key, value in newest.items() if NAME in (key or b"") and value]
    await consumer.stop()
    return found


async def in_redis(url: str) -> list[str]:
    redis = Redis.from_url(url)
    found = []
    async for key in redis.scan_iter(match="anomaly_detection:*"):
        value = await redis.get(key) or b""
        if NAME in key or NAME in value:
            found.append(f"cache {key!r}")
    await redis.aclose()
    return found
