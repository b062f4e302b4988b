"""Failures of a database that are expected: it does not answer, or it was given what it cannot hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ad_chassis.errors import Unavailable, Unprocessable

# Classes of SQLSTATE: connections, a lack of resources, what an operator did; and a server that takes no writes.
PASSING = ("08", "53", "57P", "25006")
TOLD = ("connection is closed", "database is locked")
NO_CHARACTER = "22021"
"""What PostgreSQL says of NUL, which is a character everywhere else."""


@contextmanager
def told_apart(service: str) -> Iterator[None]:
    """Raises `Unavailable` for what passes when the server is back, and `Unprocessable` for a text that it cannot hold.

    Whatever is wrong with a statement goes through as it is.
    """
    try:
        yield
    except (DBAPIError, PoolTimeout, ConnectionError, TimeoutError) as error:
        if _passes(error):
            raise Unavailable(f"the database of {service} does not answer; try again shortly") from error
        if _state(error) == NO_CHARACTER:
            raise Unprocessable(
                "a text holds the character NUL, which is no part of any name here"
            ) from error
        raise


def _passes(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return True
    broken, told = error.connection_invalidated, str(error.orig)
    return broken or _state(error).startswith(PASSING) or any(each in told for each in TOLD)


def _state(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
