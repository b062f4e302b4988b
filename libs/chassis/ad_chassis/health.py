"""Health: what a service depends on, asked concurrently, each with a time-out."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ad_chassis.logs import get_logger

Check = Callable[[], Awaitable[object]]
Status = Literal["healthy", "unhealthy"]
log = get_logger("health")


@dataclass(frozen=True, slots=True)
class CheckResult:
    status: Status
    seconds: float
    detail: str | None = None

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"status": self.status, "latency_ms": round(self.seconds * 1000, 2)}
        return answer | {"detail": self.detail} if self.detail else answer


@dataclass(frozen=True, slots=True)
class HealthReport:
    version: str
    timestamp: datetime
    checks: dict[str, CheckResult]

    @property
    def healthy(self) -> bool:
        return all(check.status == "healthy" for check in self.checks.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "status": "healthy" if self.healthy else "unhealthy",
            "timestamp": self.timestamp.isoformat().replace("+00:00", "Z"),
            "version": self.version,
            "checks": {name: check.as_json() for name, check in self.checks.items()},
        }


class Health:
    """The checks of one service. A check passes when it returns in time without an error."""

    def __init__(self, version: str, *, timeout_seconds: float = 2.0) -> None:
        self._version = version
        self._timeout_seconds = timeout_seconds
        self._checks: dict[str, Check] = {}
        self._only_told: set[str] = set()
        self._ready = False
        self._told: list[Callable[[], None]] = []

    def add(self, name: str, check: Check, *, decides_readiness: bool = True) -> None:
        """A check of something that only some requests need is told, but does not take the service out of rotation."""
        self._checks[name] = check
        if not decides_readiness:
            self._only_told.add(name)

    def started(self) -> None:
        """From now on the service may be called ready."""
        self._ready = True

    def draining(self) -> None:
        """Takes the service out of rotation while it finishes what it has."""
        self._ready = False
        for tell in self._told:
            tell()

    def on_draining(self, tell: Callable[[], None]) -> None:
        """Called before the socket closes, for what would hold the stop up. It may be called more than once."""
        self._told.append(tell)

    async def report(self) -> HealthReport:
        return await self._asked(self._checks)

    async def _asked(self, checks: Mapping[str, Check]) -> HealthReport:
        results = await asyncio.gather(*(self._ask(name, check) for name, check in checks.items()))
        return HealthReport(self._version, datetime.now(UTC), dict(zip(checks, results, strict=True)))

    async def readiness(self) -> HealthReport:
        """The checks that decide it; and not ready before the start is over or once it drains."""
        if self._ready:
            return await self._asked(
                {name: check for name, check in self._checks.items() if name not in self._only_told}
            )
        waiting = CheckResult("unhealthy", 0.0, "starting or stopping")
        return HealthReport(self._version, datetime.now(UTC), {"lifecycle": waiting})

    async def _ask(self, name: str, check: Check) -> CheckResult:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await check()
        except TimeoutError:
            detail = f"no answer within {self._timeout_seconds:g} s"
        except Exception as error:  # noqa: BLE001 - whatever a check raises, it has failed
            # Health is public: the kind of the failure is enough there, the log has the rest.
            log.warning("health check failed", check=name, error=repr(error))
            detail = f"failed with {type(error).__name__}"
        else:
            return CheckResult("healthy", time.perf_counter() - started)
        return CheckResult("unhealthy", time.perf_counter() - started, detail)
