"""Servers that stop, are killed, and come back; a topic that grows."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.faults import topics
from tests.faults.conftest import RUNS, NewRig
from tests.faults.proxy import Mood, Proxy
from tests.faults.servers import Breakable

pytestmark = pytest.mark.timeout(180 + 120 * RUNS)
SHORT_SECONDS = 2.0
LONG_SECONDS = 90.0


@pytest.fixture
async def proxy(postgres: Breakable) -> AsyncIterator[Proxy]:
    proxy = Proxy(postgres.port)
    await proxy.start()
    yield proxy
    await proxy.stop()


def outage_seconds(run: int) -> float:
    """Short first, then long, then anything."""
    return (SHORT_SECONDS, LONG_SECONDS)[run] if run < 2 else random.Random(run).uniform(0.0, 20.0)


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_brokers_of_a_cluster_go_and_come_back_and_nothing_is_lost_and_nothing_comes_twice(
    new_rig: NewRig, cluster: str, brokers: list[Breakable], run: int, how: signal.Signals
) -> None:
    """One after the other, as for a new version of Kafka; or one at once, without a word."""
    rig = await new_rig(brokers=cluster)
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(500)
    for broker in brokers if how == signal.SIGTERM else brokers[run % 3 : run % 3 + 1]:
        await asyncio.to_thread(broker.end, how)
        await asyncio.sleep(outage_seconds(run))
        await rig.until_more(300)
        await asyncio.to_thread(broker.start)
        await topics.in_sync(cluster)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert worker.code is None, worker.tail()


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_the_only_broker_goes_and_comes_back_and_each_partition_goes_on(
    new_rig: NewRig, kafka: Breakable, run: int, how: signal.Signals
) -> None:
    """What of a transaction Kafka itself keeps while no partition has a leader is its own affair, see ADR 45."""
    rig = await new_rig()
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(500)
    await asyncio.to_thread(kafka.end, how)
    await asyncio.sleep(outage_seconds(run))
    await asyncio.to_thread(kafka.start)
    await rig.until_more(500)
    await rig.quiet()
    await rig.until_finished()
    assert worker.code is None, worker.tail()


@pytest.mark.parametrize("run", range(RUNS))
async def test_a_topic_that_gets_more_partitions_is_read_to_its_last_one(new_rig: NewRig, run: int) -> None:
    rig = await new_rig(partitions=2)
    rig.generate(seed=run, rate=500)
    for worker in (rig.work(), rig.work()):
        await rig.until_more(200)
        assert worker.code is None
    await topics.grow(rig.bootstrap, rig.topic, 5)
    async with asyncio.timeout(60):
        while not all((await topics.ends(rig.bootstrap, rig.topic)).values()):
            await asyncio.sleep(0.1)
    await rig.until_more(500)
    audit = await rig.audit()
    assert audit.clean, str(audit)


@pytest.mark.parametrize("run", range(RUNS))
async def test_while_postgresql_is_away_records_are_scored_and_their_anomalies_are_stored_later(
    new_rig: NewRig, postgres: Breakable, run: int
) -> None:
    rig = await new_rig()
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(300)
    await asyncio.to_thread(postgres.end, signal.SIGQUIT)
    await rig.until_more(1_000)
    await asyncio.to_thread(postgres.start)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert worker.code is None, worker.tail()


@pytest.mark.parametrize("run", range(RUNS))
async def test_connections_to_postgresql_that_hang_trickle_and_break_delay_only_what_is_stored(
    new_rig: NewRig, proxy: Proxy, database: str, run: int
) -> None:
    address = urlsplit(database)
    rig = await new_rig(DATABASE_URL=urlunsplit(address._replace(netloc=f"postgres@127.0.0.1:{proxy.port}")))
    rig.generate(seed=run, rate=500)
    worker = rig.work()
    await rig.until_more(300)
    moods: tuple[Mood, ...] = ("slow", "trickling", "hanging", "resetting", "good")
    for mood in moods:
        proxy.be(mood)
        await rig.until_more(300)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{worker.tail()}"
    assert worker.code is None, worker.tail()
