"""PostgreSQL keeps to the specification of a database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import text

from ad_chassis.database import EVERY_TENANT, engine
from ad_chassis.database.engine import Database
from ad_chassis.errors import Unavailable
from tests.specs.database import DatabaseSpec


class TestPostgresql(DatabaseSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url


class Line:
    """Between client and server; once cut, what stood is silent for ever, and new connections are good."""

    def __init__(self) -> None:
        self.cut = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def to(self, url: str) -> AsyncIterator[str]:
        there = urlsplit(url)

        async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            ahead = await asyncio.open_connection(there.hostname, there.port)
            for way in ((reader, ahead[1]), (ahead[0], writer)):
                task = asyncio.create_task(self._carry(*way, self.cut))
                self._tasks.add(task)

        server = await asyncio.start_server(connect, "127.0.0.1")
        port = server.sockets[0].getsockname()[1]
        user = f"{there.username}@" if there.username else ""
        try:
            yield urlunsplit(there._replace(netloc=f"{user}127.0.0.1:{port}"))
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, made: int) -> None:
        while data := await reader.read(65536):
            if made != self.cut:
                await asyncio.Event().wait()
            writer.write(data)
        writer.close()


async def test_a_connection_that_was_lost_in_silence_is_given_up_with_all_of_its_age(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "COMMAND_SECONDS", 0.5)
    line = Line()
    async with line.to(postgres_url) as url:
        database = Database(url, "line")
        await database.start()

        async def ask() -> None:
            async with database.session(EVERY_TENANT) as session:
                await session.execute(text("SELECT 1"))

        await asyncio.gather(*(ask() for _ in range(4)))
        line.cut += 1
        async with asyncio.timeout(20):
            with pytest.raises(Unavailable, match="does not answer"):
                await ask()
            await ask()
        await database.stop()


async def test_who_waits_too_long_for_a_turn_is_told_so_and_takes_nobodys_connection(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "POOL_SECONDS", 0.1)
    database = Database(postgres_url, "crowd", pool_size=1)
    await database.start()
    pool = database.engine.pool
    async with database.session(EVERY_TENANT) as first, database.session(EVERY_TENANT) as second:
        with pytest.raises(Unavailable):
            async with database.session(EVERY_TENANT):
                raise AssertionError("there are no more than two")
        assert [await each.scalar(text("SELECT 1")) for each in (first, second)] == [1, 1]
    assert database.engine.pool is pool
    await database.stop()


async def test_a_connection_whose_first_answer_does_not_come_is_given_up_sooner_than_a_route(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "OPEN_SECONDS", 0.3)
    line = Line()
    async with line.to(postgres_url) as url:
        database = Database(url, "line")
        await database.start()
        async with database.session(EVERY_TENANT) as session:
            await session.execute(text("SELECT 1"))
        line.cut += 1
        async with asyncio.timeout(10):
            with pytest.raises(Unavailable):
                async with database.session(EVERY_TENANT):
                    raise AssertionError("nobody answers")
        await database.stop()
