"""Deleting streams."""

import pytest

from ad_chassis.errors import NotFound, Unavailable
from ad_ingestion.usecases.delete_stream import delete_stream
from ad_ingestion.usecases.find_stream import find_stream
from tests.support.ingestion import sensor_body
from tests.support.registry import published

KEY = ("default", "sensors")


@pytest.mark.parametrize(("purge", "files"), [(False, 1), (True, 0)])
async def test_the_lake_stays_unless_it_is_purged(ingestion, purge, files) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(3))
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, KEY, purge=purge)
    assert len(await ingestion.lake.list("lake")) == files
    [event] = await published(ingestion.platform, "streams")
    assert event.deleted
    with pytest.raises(NotFound):
        await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, KEY)


async def test_a_deleted_stream_takes_no_records_though_it_was_known(ingestion) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(3))
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, KEY)
    with pytest.raises(NotFound):
        await ingestion.accept(sensor_body(3))
    assert len(await ingestion.lake.list("lake")) == 1


async def test_the_model_of_a_stream_goes_with_it(ingestion) -> None:
    await ingestion.create()
    await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, KEY)
    assert ingestion.deployments.withdrawn == [KEY]


async def test_a_stream_stays_while_nobody_can_say_whether_a_model_scores_it(ingestion) -> None:
    await ingestion.create()
    ingestion.deployments.down = True
    with pytest.raises(Unavailable):
        await delete_stream(ingestion.store, ingestion.lake, ingestion.deployments, KEY)
    assert (await find_stream(ingestion.store, KEY)).name == "sensors"
