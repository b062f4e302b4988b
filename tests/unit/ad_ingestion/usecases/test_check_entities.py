"""The quota of entities, on the topics of the default tenant with six partitions."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.tenants import QuotaExceeded, Quotas
from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.streams import Hints, StreamSettings
from ad_ingestion.usecases.change_stream import change_stream
from ad_ingestion.usecases.delete_stream import delete_stream
from tests.support.ingestion import SENSORS

WITHOUT = StreamSchema(fields=(Field("load"),))


def holding(max_entities: int) -> StreamSettings:
    return StreamSettings(max_entities=max_entities)


async def change(ingestion, name: str = "one", **options):
    return await change_stream(
        ingestion.store, ingestion.log, ingestion.tenants, ("default", name), **options
    )


async def test_what_all_streams_may_hold_together_does_not_exceed_the_quota(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=600)
    await ingestion.create("one", settings=holding(60))
    await ingestion.create("two", settings=holding(39))
    with pytest.raises(
        QuotaExceeded, match=r"'three' asks for 12; settings.max_entities of 1 would fit"
    ) as refused:
        await ingestion.create("three", settings=holding(2))
    assert refused.value.members == {"quota": "entities", "limit": 600, "use": 594}
    await ingestion.create("three", settings=holding(1))
    await ingestion.create("one", tenant="other", settings=holding(100))


async def test_a_stream_that_is_deleted_gives_back_what_it_held(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=60)
    await ingestion.create("one", settings=holding(10))
    with pytest.raises(QuotaExceeded):
        await ingestion.create("two", settings=holding(10))
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, ("default", "one"))
    await ingestion.create("two", settings=holding(5))
    assert (await ingestion.create("one", settings=holding(5))).generation == 2


async def test_of_ten_that_are_made_at_the_same_time_as_many_are_there_as_fit(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=3 * 60 + 59)
    made = await asyncio.gather(
        *(ingestion.create(f"s{number}", settings=holding(10)) for number in range(10)),
        return_exceptions=True,
    )
    refused = [each for each in made if isinstance(each, QuotaExceeded)]
    assert (len(made) - len(refused), len(refused)) == (3, 7)


async def test_who_names_no_max_entities_gets_an_equal_share_of_the_quota(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=606, streams=4)
    made = [await ingestion.create(name, lower_entities=True) for name in ("one", "two", "three", "four")]
    assert [each.settings.max_entities for each in made] == [25] * 4
    ingestion.tenants.limits = Quotas(entities=700)
    assert (await ingestion.create("five", lower_entities=True)).settings.max_entities == 11
    ingestion.tenants.limits = Quotas(entities=690)
    assert (await ingestion.create("six", lower_entities=True)).settings.max_entities == 4
    ingestion.tenants.limits = Quotas(entities=10**9)
    assert (await ingestion.create("seven", lower_entities=True)).settings.max_entities == 1_000_000
    ingestion.tenants.limits = Quotas()
    assert (await ingestion.create("eight", lower_entities=True)).settings.max_entities == 1_000_000


async def test_who_is_refused_is_told_who_holds_how_much_and_that_makes_room(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=605)
    await ingestion.create("small", settings=holding(1))
    await ingestion.create("large", settings=holding(99))
    with pytest.raises(QuotaExceeded, match=r"\('large' holds 594, 'small' holds 6\)") as refused:
        await ingestion.create("three", lower_entities=True)
    assert refused.value.members["use"] == 600
    with pytest.raises(QuotaExceeded, match=r"\('small' holds 6\)"):
        await ingestion.create("three", lower_entities=True, seen={"small", "three"})
    with pytest.raises(QuotaExceeded, match=r"\('large' holds 594\)"):
        await change(ingestion, "small", settings={"max_entities": 2}, seen={"small", "large"})
    await change(ingestion, "large", settings={"max_entities": 50})
    assert (await ingestion.create("three", lower_entities=True)).settings.max_entities == 10


async def test_a_stream_without_an_entity_counts_as_one(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=2)
    await ingestion.create("one", schema=WITHOUT)
    await ingestion.create("two", schema=None)
    with pytest.raises(QuotaExceeded, match="asks for 1;"):
        await ingestion.create("three", schema=WITHOUT)


async def test_settings_grow_within_the_quota_only(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=600)
    await ingestion.create("one", settings=holding(50))
    await ingestion.create("two", settings=holding(40))
    assert (await change(ingestion, settings={"max_entities": 60})).settings.max_entities == 60
    with pytest.raises(
        QuotaExceeded, match=r"'one' asks for 366; settings.max_entities of 60 would fit"
    ) as refused:
        await change(ingestion, settings={"max_entities": 61})
    assert refused.value.members["use"] == 600


async def test_a_quota_below_what_is_held_refuses_nothing_but_more(ingestion) -> None:
    await ingestion.create("one", settings=holding(50))
    ingestion.tenants.limits = Quotas(entities=6)
    assert (await change(ingestion, settings={"publish_scores": True})).settings.max_entities == 50
    assert (await change(ingestion, settings={"max_entities": 40})).settings.max_entities == 40
    with pytest.raises(QuotaExceeded):
        await change(ingestion, settings={"max_entities": 41})


async def test_a_schema_that_brings_an_entity_is_checked_too(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=60)
    await ingestion.create("one", schema=None)
    with pytest.raises(QuotaExceeded):
        await change(ingestion, schema=SENSORS)
    found = await change(ingestion, schema=SENSORS, settings={"max_entities": 10})
    assert (found.schema, found.settings.max_entities) == (SENSORS, 10)


async def test_an_entity_that_is_hinted_at_is_counted_before_the_schema_is_known(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=60)
    await ingestion.create("one", schema=None, hints=Hints(entity="sensor"), settings=holding(10))
    with pytest.raises(QuotaExceeded):
        await ingestion.create("two", schema=WITHOUT)


async def test_the_partitions_are_those_of_the_topic_of_each_stream(ingestion) -> None:
    log = ingestion.platform.event_log
    shared = (await log.topics())["records.default"]
    config = replace(topic_configs("default")["records.default"], partitions=2)
    await log.create_topics({"plant": config})
    ingestion.tenants.limits = Quotas(entities=10 * shared + 20)
    await ingestion.create("one", settings=holding(10), topic_name="plant")
    await ingestion.create("two", settings=holding(10))
    with pytest.raises(QuotaExceeded) as refused:
        await ingestion.create("three", settings=holding(1), topic_name="plant")
    assert refused.value.members["use"] == 10 * shared + 20


async def test_no_topic_is_made_for_a_stream_that_may_not_be(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=60)
    own = "records.default.big"
    with pytest.raises(QuotaExceeded):
        await ingestion.create("big", settings=holding(11), topic_name=own)
    assert own not in await ingestion.platform.event_log.topics()
    await ingestion.create("big", settings=holding(10), topic_name=own)
    assert own in await ingestion.platform.event_log.topics()


async def test_of_those_made_at_the_same_time_who_is_refused_leaves_no_topic(ingestion) -> None:
    ingestion.tenants.limits = Quotas(entities=3 * 60)
    names = [f"s{number}" for number in range(10)]
    made = await asyncio.gather(
        *(
            ingestion.create(each, settings=holding(10), topic_name=f"records.default.{each}")
            for each in names
        ),
        return_exceptions=True,
    )
    there = {each.topic for each in made if not isinstance(each, QuotaExceeded)}
    own = {
        each for each in await ingestion.platform.event_log.topics() if each.startswith("records.default.")
    }
    assert (own, len(own)) == (there, 3)


async def test_nobody_waits_for_the_log_in_a_transaction(ingestion, monkeypatch) -> None:
    going = []
    transaction, sizes = ingestion.store.transaction, ingestion.log.sizes

    @asynccontextmanager
    async def noted(*given, **options):
        going.append(given)
        async with transaction(*given, **options) as work:
            yield work
        going.pop()

    async def asked():
        assert not going
        return await sizes()

    monkeypatch.setattr(ingestion.store, "transaction", noted)
    monkeypatch.setattr(ingestion.log, "sizes", asked)
    ingestion.tenants.limits = Quotas(entities=600)
    await ingestion.create("one", settings=holding(10), topic_name="records.default.one")
    await change(ingestion, settings={"max_entities": 20})


async def test_partitions_that_a_topic_got_later_count(ingestion, monkeypatch) -> None:
    async def grown() -> dict[str, int]:
        return {"records.default": 12}

    ingestion.tenants.limits = Quotas(entities=120)
    await ingestion.create("one", settings=holding(10))
    monkeypatch.setattr(ingestion.platform.event_log, "topics", grown)
    with pytest.raises(QuotaExceeded) as refused:
        await ingestion.create("two", settings=holding(1))
    assert refused.value.members["use"] == 120
