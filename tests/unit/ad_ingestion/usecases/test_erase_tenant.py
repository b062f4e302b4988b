"""Erasure of what ingestion holds."""

from collections import Counter

from ad_chassis.eventlog.port import TopicPartition
from ad_chassis.tenants.holdings import Holdings
from ad_ingestion.adapters import tables
from ad_ingestion.usecases.delete_stream import delete_stream
from ad_ingestion.usecases.erase_tenant import erase_tenant
from tests.support.ingestion import sensor_body


class Followed:
    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def prepare(self, tenant: str) -> None:
        """Not asked here."""

    async def forget(self, tenant: str) -> None:
        self.forgotten.append(tenant)


async def erased(ingestion, tenant: str, followed: Followed) -> Counter[str]:
    database = ingestion.platform.database(tables.SERVICE)
    holdings = Holdings(database, tables.metadata, ingestion.lake, ["lake"])
    return await erase_tenant(ingestion.store, ingestion.log, followed, holdings.erase, tenant)


async def test_streams_records_and_topics_go_and_another_tenant_keeps_its_own(ingestion) -> None:
    await ingestion.log.prepare_tenant("other")
    await ingestion.create("sensors")
    await ingestion.create("deleted")
    await ingestion.create("sensors", tenant="other")
    await ingestion.accept(sensor_body(10))
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, ("default", "deleted"))
    async with ingestion.store.transaction("other") as work:
        assert await work.forget_replaced_of("other") == 0
    followed = Followed()
    found = await erased(ingestion, "default", followed)
    assert (found["streams"], found["lake/"], found["topics"], found["lake_files"]) == (2, 1, 1, 1)
    assert followed.forgotten == ["default"]
    assert await erased(ingestion, "default", followed) == {}
    assert await ingestion.messages("records.default") == []
    async with ingestion.store.transaction("other", read_only=True) as work:
        assert [each.name for each in await work.streams("other", None, 10)] == ["sensors"]


async def test_detection_hears_that_the_streams_are_gone(ingestion) -> None:
    await ingestion.create("sensors")
    await erased(ingestion, "default", Followed())
    log = ingestion.platform.event_log
    end = (await log.end_offsets("streams"))[0]
    [batch] = [each async for each in log.read(TopicPartition("streams", 0), 0, end)]
    assert [(record.key, record.value) for record in batch.records] == [(b"default/sensors", None)]


async def test_a_topic_that_another_producer_feeds_stays(ingestion) -> None:
    log = ingestion.platform.event_log
    await ingestion.log.create("plant.readings", "default")
    await ingestion.log.create("records.default.own", "default")
    await ingestion.create("fed", topic_name="plant.readings")
    await erased(ingestion, "default", Followed())
    assert "plant.readings" in await log.topics()
