"""Events that must be told exactly when a row changed: stored with the row, published afterwards.

A process that dies between its commit and the log has the event in its table, and publishes it at the next start.
Every event may therefore come twice, and carries a revision by which its readers know that.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec
import structlog
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database.engine import Database
from ad_chassis.database.row_security import ADD_ONLY
from ad_chassis.database.scope import EVERY_TENANT
from ad_chassis.database.unbroken import unbroken
from ad_chassis.errors import Unavailable
from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import EventLog, Message

BATCH = 100
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


def outbox_table(metadata: MetaData, service: str) -> Table:
    """The table of one service; its migration creates it with the same columns."""
    # Every tenant's transactions add to it; without RETURNING, which would ask to see what was added.
    return Table(
        f"outbox_{service}", metadata, *outbox_columns(), info={ADD_ONLY: True}, implicit_returning=False
    )


def outbox_columns() -> list[Column[object]]:
    return [
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("topic", String(255), nullable=False),
        Column("key", LargeBinary, nullable=True),
        Column("value", LargeBinary, nullable=True),
        Column("headers", LargeBinary, nullable=False),
    ]


class Outbox:
    """A component: publishes what is stored, in order, at the start, when told, and again after a failure."""

    def __init__(self, database: Database, event_log: EventLog, table: Table) -> None:
        self._database = database
        self._log = event_log
        self._table = table
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def add(self, session: AsyncSession, messages: Sequence[Message]) -> None:
        """Stores messages in the caller's transaction; call `publish` after it."""
        rows = [
            {
                "topic": message.topic,
                "key": message.key,
                "value": message.value,
                "headers": msgspec.msgpack.encode(list(message.headers)),
            }
            for message in messages
        ]
        if rows:
            await session.execute(insert(self._table), rows)

    async def publish(self) -> None:
        """Publishes now; when the log does not answer, the loop tries again and nothing is lost."""
        try:
            await self._publish_all()
        except (LogError, SQLAlchemyError, OSError, Unavailable) as error:
            log.warning("events wait to be published", outbox=self._table.name, reason=str(error))
            self._wake.set()

    async def start(self) -> None:
        await self.publish()
        self._task = asyncio.create_task(self._retry())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _retry(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(RETRY_SECONDS)
            await self.publish()

    async def _publish_all(self) -> None:
        async with self._lock:
            while await unbroken(self._publish_some()):
                pass

    async def _publish_some(self) -> bool:
        columns = self._table.c
        async with self._database.session(EVERY_TENANT) as session:
            query = select(self._table).order_by(columns.id).limit(BATCH).with_for_update()
            rows = (await session.execute(query)).all()
            if not rows:
                return False
            await self._log.publish([_message(row.topic, row.key, row.value, row.headers) for row in rows])
            await session.execute(delete(self._table).where(columns.id.in_([row.id for row in rows])))
        return len(rows) == BATCH


def _message(topic: str, key: bytes | None, value: bytes | None, headers: bytes) -> Message:
    pairs = msgspec.msgpack.decode(headers, type=list[tuple[str, bytes]])
    return Message(topic=topic, key=key, value=value, headers=pairs)
