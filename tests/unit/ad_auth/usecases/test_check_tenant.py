"""A suspended tenant."""

from dataclasses import replace

import pytest
import structlog

from ad_auth.usecases.check_tenant import check_tenant
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden


async def test_who_belongs_to_a_suspended_tenant_is_told_so_and_it_is_noted(store, now) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await check_tenant(work, "default", "ann")
        await work.save_tenant(replace(await work.tenant("default"), suspended_at=now))
        with (
            structlog.testing.capture_logs() as logs,
            pytest.raises(Forbidden, match="'default' is suspended"),
        ):
            await check_tenant(work, "default", "ann")
    assert [line["event"] for line in logs if line.get("security")] == ["tenant suspended"]
