"""A check that another service makes, as that service tells it."""

from typing import Any

import msgspec

from ad_chassis.errors import Unavailable
from ad_chassis.http import ServiceClient

HTTP_OK = 200


class RemoteReadiness:
    """Whether a service says that all it needs is well."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def __call__(self) -> None:
        async with self._service.stream("GET", "/health/ready", check=False) as answer:
            if answer.status_code != HTTP_OK:
                raise Unavailable(f"{self._service.name} is not ready; its own /health says why")


class RemoteCheck:
    def __init__(self, service: ServiceClient, name: str) -> None:
        self._service = service
        self._name = name

    async def __call__(self) -> None:
        """Raises `Unavailable` when the check fails there, or nobody answers."""
        async with self._service.stream("GET", "/health", check=False) as answer:
            report: dict[str, Any] = msgspec.json.decode(await answer.aread())
        found = report.get("checks", {}).get(self._name, {})
        if found.get("status") != "healthy":
            raise Unavailable(
                f"{self._service.name} says of {self._name}: {found.get('detail', 'not checked')}"
            )
