"""Batches reach the log once, whatever fails."""

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Unavailable
from ad_contracts.topics import topic
from ad_ingestion.domain.owners import Owner
from ad_ingestion.usecases.delete_stream import delete_stream
from tests.support.ingestion import sensor_body

RECORDS = topic("records", "default")


async def ids(ingestion) -> list[str]:
    return [event.id for _, event, _ in await ingestion.messages(RECORDS)]


async def waiting(ingestion) -> int:
    async with ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
        return len(await work.unpublished())


async def test_what_was_published_is_struck_off(ingestion) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(3))
    assert await waiting(ingestion) == 1
    await ingestion.publisher.flush()
    assert await waiting(ingestion) == 0
    await ingestion.accept(sensor_body(3))
    await ingestion.accept(sensor_body(3))
    assert await waiting(ingestion) == 1


@pytest.mark.parametrize("taken", [None, 0, 1, 2])
async def test_a_batch_that_the_log_took_in_part_or_not_at_all_is_completed_later(ingestion, taken) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(20))
    ingestion.log.down, ingestion.log.parts_taken = taken is None, taken
    receipt = await ingestion.accept(sensor_body(20))
    assert receipt.accepted == 20
    with pytest.raises(Unavailable, match="nothing was stored"):
        await ingestion.accept(sensor_body(20))
    await ingestion.publisher.catch_up()
    assert (await waiting(ingestion) == 0) == (taken is not None)
    ingestion.log.down = False
    await ingestion.publisher.catch_up()
    found = await ids(ingestion)
    assert len(found) == len(set(found))
    assert len([each for each in found if each.startswith(receipt.batch_id)]) == len(found) / 2
    assert (await ingestion.accept(sensor_body(20))).accepted == 20


@pytest.mark.parametrize("published", [True, False])
async def test_the_batch_of_a_process_that_died_is_published_once_by_the_next(ingestion, published) -> None:
    await ingestion.create()
    ingestion.log.down = not published
    await ingestion.accept(sensor_body(20))
    ingestion.log.down = False
    before = await ids(ingestion)
    successor = ingestion.new_publisher(Owner.new("here", 2))
    ingestion.processes.alive = frozenset({1})
    await successor.catch_up()
    assert await ids(ingestion) == before
    assert await waiting(ingestion) == 1
    ingestion.processes.alive = frozenset()
    await successor.catch_up()
    found = await ids(ingestion)
    assert len(found) == len(set(found)) > 0
    assert await waiting(ingestion) == 0


async def test_a_batch_of_a_stream_that_is_deleted_is_given_up(ingestion) -> None:
    await ingestion.create()
    ingestion.log.down = True
    await ingestion.accept(sensor_body(3))
    ingestion.log.down = False
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, ("default", "sensors"))
    await ingestion.publisher.catch_up()
    assert (await ids(ingestion), await waiting(ingestion)) == ([], 0)


async def test_one_stream_that_waits_does_not_stop_another(ingestion) -> None:
    await ingestion.create("sensors")
    await ingestion.create("pumps")
    ingestion.log.down = True
    await ingestion.accept(sensor_body(3))
    ingestion.log.down = False
    assert (await ingestion.accept(sensor_body(3), "pumps")).accepted == 3
