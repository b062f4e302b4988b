"""What passes by itself is told apart from what is wrong."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ad_chassis.database import EVERY_TENANT, Database, engine
from ad_chassis.database.failures import told_apart
from ad_chassis.errors import Unavailable, Unprocessable


class Told(Exception):
    """An error of the driver."""

    def __init__(self, sqlstate: str, message: str = "something") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def of_driver(sqlstate: str, message: str = "", *, broken: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, Told(sqlstate, message), connection_invalidated=broken)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "refused"),
        TimeoutError(),
        PoolTimeout("QueuePool limit reached"),
        of_driver("08003"),
        of_driver("57P01", "terminating connection due to administrator command"),
        of_driver("57P03", "the database system is starting up"),
        of_driver("53300", "sorry, too many clients already"),
        of_driver("25006", "cannot execute INSERT in a read-only transaction"),
        of_driver("", "connection is closed"),
        of_driver("", broken=True),
        OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked")),
    ],
)
def test_what_passes_when_the_server_is_back_is_unavailable(error: Exception) -> None:
    told = "the database of shop does not answer"
    with pytest.raises(Unavailable, match=told) as caught, told_apart("shop"):
        raise error
    assert caught.value.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    "error",
    [
        of_driver("23505", "duplicate key"),
        of_driver("42P01", "relation does not exist"),
        of_driver("22P05", "invalid byte sequence"),
        OperationalError("SELECT", {}, sqlite3.OperationalError("no such table: x")),
        OSError(28, "no space left for a file of the caller"),
        KeyError("x"),
    ],
)
def test_what_is_wrong_with_a_statement_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)), told_apart("shop"):
        raise error


async def test_a_session_tells_who_comes_too_late_that_its_file_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}", "shop")
    await database.start()
    other = sqlite3.connect(tmp_path / "shop.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        async with database.session(EVERY_TENANT) as session:
            await session.execute(text("SELECT 1"))
    other.close()
    await database.stop()


async def test_a_server_that_is_not_there_under_any_of_its_addresses_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'shop.sqlite'}", "shop")
    await database.start()

    async def nowhere(*_: object, **__: object) -> None:
        raise OSError("Multiple exceptions: [Errno 111] of one, [Errno 111] of the other")

    monkeypatch.setattr(engine.AsyncSession, "connection", nowhere)
    with pytest.raises(Unavailable):
        async with database.session(EVERY_TENANT):
            raise AssertionError("there is no connection")
    await database.stop()


def test_a_text_that_postgresql_cannot_hold_is_the_callers_to_mend() -> None:
    with pytest.raises(Unprocessable, match="NUL"), told_apart("shop"):
        raise of_driver("22021", 'invalid byte sequence for encoding "UTF8": 0x00')
