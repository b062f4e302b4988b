"""The file of the embedded log: its connections, their threads, and word of what others wrote."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, TypeVar

from ad_chassis.eventlog.embedded_schema import create_tables
from ad_chassis.eventlog.errors import LogError, Transient

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
# NORMAL: a commit survives the death of the process, as Kafka's does; a power cut may lose the last ones, but
# always outputs and offsets together. FULL also survives the power cut and costs one fsync per commit.
Synchronous = Literal["NORMAL", "FULL"]

log = logging.getLogger(__name__)

READERS = 2
SHORTEST_LOOK_SECONDS = 0.002
LONGEST_LOOK_SECONDS = 0.05


class LogFile:
    """One thread writes, two read, so that neither the event loop nor a reader ever waits for the disk."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self.path = path
        self.regroupings = 0
        self.on_change: set[Callable[[], None]] = set()
        self.on_regrouping: set[Callable[[], None]] = set()
        self._synchronous = synchronous
        self._writer: ThreadPoolExecutor | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._write_connection: sqlite3.Connection | None = None
        self._watch_connection: sqlite3.Connection | None = None
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._watch: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = ThreadPoolExecutor(1, "event-log-write")
        self._readers = ThreadPoolExecutor(READERS + 1, "event-log-read")
        loop = asyncio.get_running_loop()
        self._write_connection = await loop.run_in_executor(self._writer, self._connect)
        await self.write(create_tables)
        for _ in range(READERS):
            self._idle.put(await loop.run_in_executor(self._readers, self._connect))
        self._watch_connection = await loop.run_in_executor(self._readers, self._connect)
        self._watch = asyncio.create_task(self._watch_others(), name="event log: watch the file")

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
            self._watch = None
        # A cancelled task leaves its work running in a thread, and a connection closed under it would crash Python.
        for pool in (self._writer, self._readers):
            if pool is not None:
                await asyncio.to_thread(pool.shutdown)
        self._writer = self._readers = None
        self._close_connections()

    def _close_connections(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()
        for connection in (self._write_connection, self._watch_connection):
            if connection is not None:
                connection.close()
        self._write_connection = self._watch_connection = None

    def check(self) -> None:
        if self._watch is None:
            raise LogError(f"the event log {self.path} is not started")
        if self._watch.done():
            raise LogError(f"the event log {self.path} is not watched any more: {self._watch.exception()!r}")

    async def write(self, work: Work[T]) -> T:
        """Runs the work in one transaction; it happens as a whole or not at all."""
        if self._writer is None:
            raise LogError(f"the event log {self.path} is not started")
        result = await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, work)
        for notify in tuple(self.on_change):
            notify()
        return result

    async def read(self, work: Work[T]) -> T:
        """Runs the work on one snapshot of the file."""
        if self._readers is None:
            raise LogError(f"the event log {self.path} is not started")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {self._synchronous}")
        db.execute("PRAGMA wal_autocheckpoint = 4000")
        db.execute("PRAGMA journal_size_limit = 67108864")
        db.execute("PRAGMA cache_size = -32000")
        db.execute("PRAGMA mmap_size = 268435456")
        return db

    def _transact(self, work: Work[T]) -> T:
        db = self._write_connection
        if db is None:
            raise LogError(f"the event log {self.path} is closed")
        return _in_transaction(db, "BEGIN IMMEDIATE", work)

    def _look(self, work: Work[T]) -> T:
        db = self._idle.get()
        try:
            return _in_transaction(db, "BEGIN", work)
        finally:
            self._idle.put(db)

    async def _watch_others(self) -> None:
        """Looks often after a change and ever less often in silence; one look costs some microseconds."""
        seen, delay_seconds = -1, SHORTEST_LOOK_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            version, regroupings = await loop.run_in_executor(self._readers, self._state)
            changed, seen = version != seen, version
            delay_seconds = SHORTEST_LOOK_SECONDS if changed else min(delay_seconds * 2, LONGEST_LOOK_SECONDS)
            if changed:
                self._tell(regroupings)
            await asyncio.sleep(delay_seconds)

    def _state(self) -> tuple[int, int]:
        db = self._watch_connection
        if db is None:
            raise LogError(f"the event log {self.path} is closed")
        (version,) = db.execute("PRAGMA data_version").fetchone()
        (number,) = db.execute("SELECT number FROM regroupings").fetchone()
        return version, number

    def _tell(self, regroupings: int) -> None:
        regrouped, self.regroupings = regroupings != self.regroupings, regroupings
        for notify in (*self.on_change, *(self.on_regrouping if regrouped else ())):
            notify()


def _in_transaction(db: sqlite3.Connection, begin: str, work: Work[T]) -> T:
    try:
        db.execute(begin)
        try:
            result = work(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    except sqlite3.OperationalError as error:
        raise Transient(f"the event log's file did not take it: {error}") from error
    return result
