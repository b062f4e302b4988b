"""Creating streams."""

import asyncio

import pytest

from ad_chassis.errors import Conflict, NotFound, Unprocessable
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.port import TopicPartition
from ad_contracts.headers import GENERATION
from ad_ingestion.usecases.delete_stream import delete_stream
from ad_ingestion.usecases.find_stream import find_stream
from tests.support.ingestion import sensor_body
from tests.support.registry import published


async def test_a_stream_is_told_at_once_with_its_schema_or_without(ingestion) -> None:
    await ingestion.create("given")
    await ingestion.create("later", schema=None)
    told = await published(ingestion.platform, "streams")
    assert [(event.stream, bool(event.schema_json)) for event in told] == [("given", True), ("later", False)]


async def test_one_of_many_who_create_the_same_stream_wins(ingestion) -> None:
    results = await asyncio.gather(*(ingestion.create() for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 4


async def test_a_deleted_name_can_be_used_again_and_shows_nothing_of_before(ingestion) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(3))
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, ("default", "sensors"))
    again = await ingestion.create()
    assert (again.generation, again.revision, again.accepted) == (2, 3, 0)
    [event] = await published(ingestion.platform, "streams")
    assert (event.revision, event.deleted, event.generation) == (3, False, 2)
    await ingestion.accept(sensor_body(3))
    log, source = ingestion.platform.event_log, "records.default"
    ends = await log.end_offsets(source)
    told = [
        dict(record.headers)[GENERATION]
        for partition, end in ends.items()
        async for batch in log.read(TopicPartition(source, partition), 0, end)
        for record in batch.records
    ]
    assert set(told) == {b"1", b"2"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"name": "Bad"}, "a small letter"), ({"topic_name": "nowhere"}, "there is no topic 'nowhere'")],
)
async def test_a_wrong_description_is_refused(ingestion, options, reason) -> None:
    with pytest.raises(Unprocessable, match=reason):
        await ingestion.create(**options)


async def test_a_stream_whose_topic_cannot_be_made_is_none(ingestion, monkeypatch) -> None:
    async def refuse(topic: str, tenant: str) -> None:
        raise Transient("the log is down")

    with monkeypatch.context() as down:
        down.setattr(ingestion.log, "create", refuse)
        with pytest.raises(Transient):
            await ingestion.create("big", topic_name="records.default.big")
    with pytest.raises(NotFound):
        await find_stream(ingestion.store, ("default", "big"))
    assert (await ingestion.create("big", topic_name="records.default.big")).generation == 2
