"""The embedded platform in a folder, with a fake auth service in its process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr

from ad_chassis.http.client import ServiceClient, Target
from ad_chassis.platform import Platform, open_platform
from ad_chassis.security.token_source import StaticTokenSource
from ad_chassis.settings import (
    CacheSettings,
    DatabaseSettings,
    EventLogSettings,
    HttpSettings,
    ObjectStoreSettings,
    PlatformSettings,
    QuotaSettings,
    RuntimeSettings,
    ServiceUrls,
    TelemetrySettings,
    TokenSettings,
    WorkerSettings,
)
from ad_chassis.testing.auth import SERVICE_KEY, FakeAuth

NOBODY = "http://127.0.0.1:1"
"""An address where nobody answers."""


def embedded_settings(folder: Path, **blocks: Any) -> PlatformSettings:
    """Settings that ignore the environment: everything in a folder, on free ports, except given blocks."""
    chosen: dict[str, Any] = {
        "runtime": RuntimeSettings(env="test", data_dir=folder, debug=False, log_level="INFO"),
        "event_log": EventLogSettings(bootstrap_servers=None, schema_registry_url=None),
        "database": DatabaseSettings(url=None),
        "cache": CacheSettings(url=None),
        "objects": ObjectStoreSettings(url=None),
        "http": HttpSettings(host="127.0.0.1", port=0),
        "tokens": TokenSettings(service_key=SecretStr(SERVICE_KEY), secret=None),
        "quotas": QuotaSettings(
            streams=None, entities=None, records_per_second=None, storage_bytes=None, jobs=None
        ),
        "telemetry": TelemetrySettings(prometheus=True, metrics_port=0, otlp_endpoint=None),
        "services": ServiceUrls(auth=NOBODY),
        "worker": WorkerSettings(listener_fd=None, parent_fd=None),
    }
    return PlatformSettings(**{**chosen, **blocks})


@asynccontextmanager
async def memory_platform(
    folder: Path, auth: FakeAuth | None = None, **blocks: Any
) -> AsyncIterator[Platform]:
    """A started platform whose auth service is the fake."""
    async with open_platform(embedded_settings(folder, **blocks)) as platform:
        platform.register("auth", (auth or FakeAuth()).app())
        yield platform


def service_client(app: FastAPI, token: str | None = None, name: str = "service") -> ServiceClient:
    """A client of an application in this process, with one token."""
    return ServiceClient(name, lambda: Target(app=app), tokens=StaticTokenSource(token))
