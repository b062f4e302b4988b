"""The same servers as containers, where a Docker engine answers."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

SHORTEST_SESSION = {"KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "500", "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false"}


@dataclass(frozen=True, slots=True)
class Container:
    url: str
    stop: Callable[[], None]


@cache
def engine_answers() -> bool:
    try:
        import docker
        from docker.errors import DockerException
    except ImportError:
        return False
    try:
        client = docker.from_env(timeout=3)
        client.ping()
    except (DockerException, OSError):
        return False
    client.close()
    return True


def kafka_container() -> Container:
    from testcontainers.kafka import KafkaContainer

    container: Any = KafkaContainer().with_kraft()
    for name, value in SHORTEST_SESSION.items():
        container.with_env(name, value)
    container.start()
    return Container(container.get_bootstrap_server(), container.stop)


def postgres_container() -> Container:
    from testcontainers.postgres import PostgresContainer

    container: Any = PostgresContainer("postgres:18", driver=None)
    container.start()
    return Container(container.get_connection_url(), container.stop)


def redis_container() -> Container:
    from testcontainers.redis import RedisContainer

    container: Any = RedisContainer("redis:8")
    container.start()
    host, port = container.get_container_host_ip(), container.get_exposed_port(6379)
    return Container(f"redis://{host}:{port}/0", container.stop)
