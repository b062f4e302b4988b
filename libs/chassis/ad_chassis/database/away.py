"""A database that does not answer is an expected failure: its callers are told to try again."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ad_chassis.errors import Unavailable

# Classes of SQLSTATE: connections, a lack of resources, what an operator did; and a server that takes no writes.
PASSING = ("08", "53", "57P", "25006")
TOLD = ("connection is closed", "database is locked")


@contextmanager
def away_as_unavailable(service: str) -> Iterator[None]:
    """Raises `Unavailable` for what passes when the server is back; whatever is wrong with a statement goes through."""
    try:
        yield
    except (DBAPIError, PoolTimeout, ConnectionError, TimeoutError) as error:
        if not _passes(error):
            raise
        raise Unavailable(f"the database of {service} does not answer; try again shortly") from error


def _passes(error: Exception) -> bool:
    if not isinstance(error, DBAPIError):
        return True
    state, told = getattr(error.orig, "sqlstate", None) or "", str(error.orig)
    return error.connection_invalidated or state.startswith(PASSING) or any(each in told for each in TOLD)
