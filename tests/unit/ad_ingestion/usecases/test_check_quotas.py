"""Quotas of streams, records and storage."""

import asyncio

import pytest

from ad_chassis.errors import Forbidden
from ad_chassis.tenants import QuotaExceeded, Quotas, RateExceeded
from ad_ingestion.usecases.delete_stream import delete_stream
from tests.support.ingestion import sensor_body

ROW = sensor_body(1)


async def objects(ingestion) -> list[str]:
    return [each.key for each in await ingestion.lake.list("lake")]


async def test_no_more_streams_are_made_than_a_tenant_may_have(ingestion) -> None:
    ingestion.tenants.limits = Quotas(streams=2)
    await ingestion.create("one")
    await ingestion.create("two")
    with pytest.raises(QuotaExceeded, match="'streams' of your tenant is 2, and 2 are in use") as refused:
        await ingestion.create("three")
    assert refused.value.members == {"quota": "streams", "limit": 2, "use": 2}
    await ingestion.create("one", tenant="other")
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, ("default", "one"))
    assert (await ingestion.create("three")).name == "three"


async def test_many_that_are_made_at_the_same_time_do_not_exceed_it_either(ingestion) -> None:
    ingestion.tenants.limits = Quotas(streams=3)
    made = await asyncio.gather(
        *(ingestion.create(f"s{number}") for number in range(8)), return_exceptions=True
    )
    refused = [each for each in made if isinstance(each, QuotaExceeded)]
    assert (len(made) - len(refused), len(refused)) == (3, 5)


async def test_records_are_counted_and_not_requests(ingestion) -> None:
    await ingestion.create()
    ingestion.tenants.limits = Quotas(records_per_second=1)
    assert (await ingestion.accept(sensor_body(25))).accepted == 25
    with pytest.raises(RateExceeded) as refused:
        await ingestion.accept(ROW)
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 16
    ingestion.tenants.limits = Quotas()
    assert (await ingestion.accept(ROW)).accepted == 1


async def test_rejected_records_count_too(ingestion) -> None:
    await ingestion.create()
    ingestion.tenants.limits = Quotas(records_per_second=1)
    assert (await ingestion.accept(b"[" + b",".join([b'{"load": "x"}'] * 20) + b"]")).rejected == 20
    with pytest.raises(RateExceeded):
        await ingestion.accept(ROW)


async def test_what_does_not_fit_into_the_storage_is_refused_and_leaves_nothing(ingestion) -> None:
    await ingestion.create()
    await ingestion.accept(ROW)
    before = await objects(ingestion)
    async with ingestion.store.transaction("default") as work:
        used = await work.storage_in_use("default")
    ingestion.tenants.limits = Quotas(storage_bytes=used + 10)
    with pytest.raises(QuotaExceeded, match="'storage_bytes'") as refused:
        await ingestion.accept(ROW)
    assert refused.value.members["use"] == used
    assert await objects(ingestion) == before
    ingestion.tenants.limits = Quotas(storage_bytes=used)
    with pytest.raises(QuotaExceeded):
        await ingestion.accept(ROW)
    ingestion.tenants.limits = Quotas(storage_bytes=10 * used)
    assert (await ingestion.accept(ROW)).accepted == 1


async def test_batches_that_come_at_the_same_time_do_not_exceed_the_storage(ingestion) -> None:
    for number in range(4):
        await ingestion.create(f"s{number}")
    await ingestion.accept(ROW, "s0")
    async with ingestion.store.transaction("default") as work:
        size = await work.storage_in_use("default")
    ingestion.tenants.limits = Quotas(storage_bytes=size * 2 + size // 2)
    sent = [ingestion.accept(ROW, f"s{number}") for number in range(4)]
    results = await asyncio.gather(*sent, return_exceptions=True)
    assert sum(isinstance(each, QuotaExceeded) for each in results) == 3


async def test_a_suspended_tenant_sends_nothing(ingestion) -> None:
    await ingestion.create()
    ingestion.tenants.shut_out = {"default"}
    with pytest.raises(Forbidden, match="the tenant 'default' is suspended; nothing was stored"):
        await ingestion.accept(ROW)
    assert await objects(ingestion) == []
