"""Tenants that are gone."""

from collections import Counter

import pytest

from ad_auth.usecases.create_tenant import create_tenant
from ad_auth.usecases.erase_tenant import erase_tenant, is_suspended
from ad_chassis.errors import NotFound
from ad_chassis.eventlog.port import TopicPartition
from tests.support.callers import caller
from tests.support.registry import published


async def test_the_others_are_told_and_the_audit_log_keeps_who_did_it(platform, store, now) -> None:
    what = {"name": "acme", "quotas": {}, "environment": "test", "now": now}
    await create_tenant(store, by=caller(subject="service"), **what)
    gone: list[str] = []

    async def erase(tenant: str) -> Counter[str]:
        gone.append(tenant)
        return Counter({"tenants": 1})

    assert await erase_tenant(store, erase, by="service", name="acme", now=now) == {"tenants": 1}
    ends = await platform.event_log.end_offsets("tenants")
    batches = [each async for each in platform.event_log.read(TopicPartition("tenants", 0), 0, ends[0])]
    last = batches[-1].records[-1]
    assert (last.key, last.value, gone) == (b"acme", None, ["acme"])
    entry = (await published(platform, "audit"))[-1]
    assert (entry.tenant, entry.subject, entry.action) == ("acme", "service", "erase tenant")


async def test_a_tenant_that_does_not_exist_is_neither_suspended_nor_erased(store, now) -> None:
    async def erase(tenant: str) -> Counter[str]:
        raise AssertionError(f"{tenant} is not there")

    with pytest.raises(NotFound):
        await is_suspended(store, "acme")
    with pytest.raises(NotFound):
        await erase_tenant(store, erase, by="service", name="acme", now=now)
