from pathlib import Path

import pytest

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import Message
from ad_chassis.tenants import Quotas
from ad_chassis.testing import memory_platform
from ad_contracts.events import TenantChanged
from ad_contracts.topics import topic
from tests.specs.event_log_case import eventually

DEFAULTS = Quotas(streams=5)


def event(revision: int, *, suspended: bool = False, **quotas: int) -> TenantChanged:
    return TenantChanged(
        tenant="acme", revision=revision, suspended=suspended, quotas=quotas, changed_time_ms=0
    )


async def test_what_stands_in_the_topic_is_known_after_the_start_and_what_comes_later_too(
    tmp_path: Path,
) -> None:
    async with memory_platform(tmp_path) as platform:
        view = platform.tenants

        async def tell(value: bytes | None, key: bytes = b"acme") -> None:
            await platform.event_log.publish([Message(topic("tenants"), value, key)])

        await tell(platform.codec.encode(event(2, suspended=True, jobs=1)))
        await tell(platform.codec.encode(event(1, jobs=9)), b"kept by no compaction")
        await tell(b"no event", b"nobody")
        await view.start()
        await view.start()
        assert (view.suspended("acme"), view.quotas("acme")) == (True, Quotas(jobs=1))
        assert (view.suspended("other"), view.quotas("other")) == (False, Quotas())
        await tell(platform.codec.encode(event(3, streams=7)))
        await eventually(lambda: not view.suspended("acme"))
        assert view.quotas("acme") == Quotas(streams=7)
        await tell(None)
        await eventually(lambda: view.quotas("acme") == Quotas())
        await view.check()
        await view.stop()
        with pytest.raises(LogError):
            await view.check()
