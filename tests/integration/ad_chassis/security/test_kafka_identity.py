"""API keys are identities at Kafka: a real broker verifies the tokens of a real auth service."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import AbstractTokenProvider
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from ad_auth.adapters import tables
from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.sql_store import SqlStore
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.main import build
from ad_auth.settings import AuthSettings
from ad_auth.usecases.create_key import create_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.outbox import Outbox
from ad_chassis.eventlog.handler import Stateless
from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.kafka_security import client_options
from ad_chassis.eventlog.port import Message
from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.hosting import serving
from ad_chassis.lifecycle import started
from ad_chassis.platform import JWKS_PATH, LOGIN_PATH, open_platform
from ad_chassis.security.token_source import parse_api_key
from ad_chassis.settings import EventLogSettings
from ad_chassis.testing.platform import embedded_settings
from tests.servers.kafka import start_secured_kafka
from tests.servers.plugin import required
from tests.support.callers import caller

CHEAP = AuthSettings(password_memory_kib=8, password_rounds=1, password_lanes=1)
REAUTH_MS = 2_000
NOT_AUTHORISED = 29


class Installation:
    """Auth behind HTTP, and a broker that knows its keys."""

    def __init__(self, platform, auth_url: str, bootstrap: str) -> None:
        self.platform = platform
        self.auth_url = auth_url
        self.bootstrap = bootstrap
        database = platform.database(tables.SERVICE)
        outbox = Outbox(database, platform.event_log, tables.outbox)
        self.store = SqlStore(database, outbox, AuditWriter(platform.codec), TenantWriter(platform.codec))

    async def key(self, tenant: str, **what: Any) -> str:
        """The text of a new API key."""
        now = datetime.now(UTC)
        async with self.store.transaction(EVERY_TENANT) as work:
            await work.add_tenant(tenant, now)
        by = caller(tenant=tenant)
        _, text = await create_key(self.store, by=by, name="k", environment="test", now=now, **what)
        return text

    async def remove(self, key: str) -> None:
        async with self.store.transaction(EVERY_TENANT) as work:
            await work.remove_api_key(await work.api_key(parse_api_key(key)[0]))

    def client(self, key: str) -> dict[str, Any]:
        """How a program logs in with a key, whatever its library."""
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "OAUTHBEARER",
            "sasl_oauth_token_provider": Exchange(self.auth_url, key),
        }

    def settings(self, **changes: Any) -> EventLogSettings:
        return EventLogSettings(
            bootstrap_servers=self.bootstrap, security_protocol="SASL_PLAINTEXT", **changes
        )

    @asynccontextmanager
    async def log(self, **changes: Any) -> AsyncIterator[KafkaLog]:
        """The event log of a service."""
        options = client_options(self.settings(**changes), lambda: self.platform.tokens)
        log = KafkaLog(self.bootstrap, security=options)
        await log.start()
        yield log
        await log.stop()


class Exchange(AbstractTokenProvider):
    """The client credentials grant (RFC 6749 section 4.4)."""

    def __init__(self, auth_url: str, key: str) -> None:
        self._url = auth_url + LOGIN_PATH
        self._credentials = parse_api_key(key)

    async def token(self) -> str:
        async with httpx2.AsyncClient(trust_env=False) as http:
            form = {"grant_type": "client_credentials"}
            answer = await http.post(self._url, data=form, auth=self._credentials)
        if answer.status_code != 200:
            raise KafkaConnectionError(answer.text)
        return str(answer.json()["access_token"])


@pytest.fixture(scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("auth")
    async with open_platform(embedded_settings(folder)) as platform:
        service = build(platform, CHEAP)
        platform.register(service.name, service.app)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            async with started([service]), serving(service.app, listener, 1.0):
                broker = await asyncio.to_thread(
                    required, "secured Kafka", partial(start_secured_kafka, url + JWKS_PATH, REAUTH_MS)
                )
                yield Installation(platform, url, broker.url)
                broker.stop()


@pytest.fixture(scope="module")
async def topics(installation: Installation) -> None:
    """The topics of two tenants whose names begin the same, made by a service, with their rules."""
    async with installation.log() as log:
        for tenant in ("acme", "acme2"):
            await log.create_topics(topic_configs(tenant))


async def send(installation: Installation, key: str, topic: str, value: bytes = b"x") -> None:
    producer = AIOKafkaProducer(**installation.client(key))
    await producer.start()
    try:
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read(installation: Installation, key: str, topic: str, group: str | None = None) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        **installation.client(key), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        if group is None:
            consumer.assign([TopicPartition(topic, number) for number in range(6)])
        else:
            consumer.subscribe([topic])
        found = await consumer.getmany(timeout_ms=8_000)
        return [record.value for records in found.values() for record in records]
    finally:
        await consumer.stop()


async def gets_in(installation: Installation, key: str) -> bool:
    admin = AIOKafkaAdminClient(**installation.client(key))
    try:
        await admin.start()
        return bool(await admin.list_topics())
    except KafkaError:
        return False
    finally:
        await admin.close()


async def errors_at(installation: Installation, key: str, *topics: str) -> list[int]:
    """How the broker answers who asks for topics: it tells of none that may be neither read nor written."""
    admin = AIOKafkaAdminClient(**installation.client(key))
    await admin.start()
    try:
        found = {each["topic"]: each["error_code"] for each in await admin.describe_topics(list(topics))}
        return [found[topic] for topic in topics]
    finally:
        await admin.close()


async def test_a_key_sends_records_of_its_tenant_and_of_no_other(installation, topics) -> None:
    key = await installation.key("acme", role="operator")
    await send(installation, key, "records.acme")
    for topic in ("records.acme2", "anomalies.acme", "deployments", "audit"):
        with pytest.raises(TopicAuthorizationFailedError):
            await send(installation, key, topic)


async def test_a_key_reads_anomalies_of_its_tenant_in_groups_of_its_name(installation, topics) -> None:
    async with installation.log() as log:
        await log.publish([Message(f"anomalies.{tenant}", tenant.encode()) for tenant in ("acme", "acme2")])
    key = await installation.key("acme", role="viewer")
    assert await read(installation, key, "anomalies.acme") == [b"acme"]
    assert await read(installation, key, "anomalies.acme", "acme.dashboards") == [b"acme"]
    assert await errors_at(installation, key, "anomalies.acme", "anomalies.acme2") == [0, NOT_AUTHORISED]
    with pytest.raises(GroupAuthorizationFailedError):
        await read(installation, key, "anomalies.acme", "acme2.dashboards")
    with pytest.raises(TopicAuthorizationFailedError):
        await send(installation, key, "records.acme")


async def test_a_key_that_may_send_alone_reads_nothing(installation, topics) -> None:
    key = await installation.key("acme", permissions=["records:write"])
    await send(installation, key, "records.acme")
    assert await errors_at(installation, key, "records.acme", "anomalies.acme") == [0, NOT_AUTHORISED]
    with pytest.raises(TopicAuthorizationFailedError):
        await read(installation, key, "records.acme")


@pytest.mark.parametrize(
    "what",
    [{"role": "operator", "streams": ["pumps"]}, {"permissions": ["models:read"]}],
    ids=["bound to a stream", "no business there"],
)
async def test_who_has_no_name_at_kafka_does_not_get_in(installation, topics, what) -> None:
    assert await gets_in(installation, await installation.key("acme", **what)) is False


async def test_a_key_that_is_unknown_or_was_removed_does_not_get_in(installation, topics) -> None:
    assert await gets_in(installation, "ad_test_0123456789abcdef_" + "x" * 43) is False
    key = await installation.key("acme", role="operator")
    assert await gets_in(installation, key) is True
    await installation.remove(key)
    assert await gets_in(installation, key) is False


async def test_a_connection_outlives_its_token_no_longer_than_the_broker_allows(installation, topics) -> None:
    """aiokafka does not log in anew on a connection: the broker ends it, and the next one has a new token."""
    key = await installation.key("acme", role="operator")
    producer = AIOKafkaProducer(**installation.client(key))
    await producer.start()
    await producer.send_and_wait("records.acme", b"before")
    await installation.remove(key)
    refused = None
    async with asyncio.timeout(10 * REAUTH_MS / 1000):
        while refused is None:
            try:
                await asyncio.wait_for(producer.send_and_wait("records.acme", b"after"), 0.5)
            except (KafkaError, TimeoutError) as error:
                refused = error
    assert refused is not None
    # What it still has in hand would be waited for.
    stopping = asyncio.create_task(producer.stop())
    await asyncio.wait([stopping], timeout=1)
    stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)


@pytest.mark.parametrize(
    "login",
    [{}, {"sasl_mechanism": "PLAIN", "sasl_username": "auth", "sasl_password": "secret-of-auth"}],
    ids=["token of the services", "name and password"],
)
async def test_the_services_may_do_all(installation, topics, login) -> None:
    async with installation.log(**login) as log:
        await log.check()
        [(source, offset)] = await log.publish([Message("deployments", b"d", key=b"k")])
        read = [
            record.value async for batch in log.read(source, offset, offset + 1) for record in batch.records
        ]
        assert read == [b"d"]
        assert (await log.end_offsets("deployments"))[source.partition] > offset
        consumer = log.consumer("services", ["deployments"], Stateless())
        await consumer.start()
        batches = [batch async for batch in polled(consumer)]
        await consumer.commit(batches[0], [Message("records.acme2", b"out")])
        await consumer.stop()


async def polled(consumer) -> AsyncIterator[Any]:
    """The first batches that come."""
    for _ in range(50):
        if batches := await consumer.poll(10, 0.5):
            for batch in batches:
                yield batch
            return
