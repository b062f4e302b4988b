"""Where a server comes from: the environment, else Docker, else a local program."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tests.servers import containers
from tests.servers.kafka import start_kafka
from tests.servers.postgres import start_postgres
from tests.servers.redis import start_redis

log = logging.getLogger(__name__)


class Running(Protocol):
    @property
    def url(self) -> str: ...
    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Given:
    """A server that somebody else runs, and goes on running."""

    url: str

    def stop(self) -> None:
        """Not ours to stop."""


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    variable: str
    container: Callable[[], Running]
    program: Callable[[], Running]


KINDS = (
    Kind("Kafka", "KAFKA_BOOTSTRAP_SERVERS", containers.kafka_container, start_kafka),
    Kind("PostgreSQL", "DATABASE_URL", containers.postgres_container, start_postgres),
    Kind("Redis", "REDIS_URL", containers.redis_container, start_redis),
)


def obtain(kind: Kind) -> Running:
    address = os.environ.get(kind.variable)
    if address:
        return Given(address)
    if containers.engine_answers():
        try:
            return kind.container()
        except Exception:
            log.exception("no container for %s, trying the local program", kind.name)
    return kind.program()
