"""The platform chooses adapters by the settings and joins services in one process."""

import os
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import SecretStr

from ad_chassis.cache import MemoryCache, RedisCache
from ad_chassis.errors import SettingsError, Unauthenticated
from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import Message, TopicConfig
from ad_chassis.platform import Platform, create_platform
from ad_chassis.security import Principal, require
from ad_chassis.settings import CacheSettings, DatabaseSettings, EventLogSettings, ServiceUrls, TokenSettings
from ad_chassis.testing import FakeAuth, memory_platform
from ad_chassis.testing.platform import embedded_settings


def test_without_addresses_everything_is_embedded(tmp_path: Path) -> None:
    platform = create_platform(embedded_settings(tmp_path))
    assert isinstance(platform.event_log, EmbeddedLog)
    assert isinstance(platform.cache, MemoryCache)
    assert platform.database("auth").url.startswith("sqlite+aiosqlite:///")


async def test_each_address_replaces_its_side_alone(tmp_path: Path) -> None:
    from ad_chassis.eventlog.kafka import KafkaLog

    kafka = EventLogSettings(bootstrap_servers="127.0.0.1:9")
    redis = CacheSettings(url=SecretStr("redis://127.0.0.1:9"))
    postgres = DatabaseSettings(url=SecretStr("postgresql://127.0.0.1:9/x"))
    assert isinstance(create_platform(embedded_settings(tmp_path, event_log=kafka)).event_log, KafkaLog)
    assert isinstance(create_platform(embedded_settings(tmp_path, cache=redis)).cache, RedisCache)
    with_postgres = create_platform(embedded_settings(tmp_path, database=postgres))
    assert with_postgres.database("auth").url == "postgresql+asyncpg://127.0.0.1:9/x"


async def test_kafka_is_told_the_session_and_the_name_of_the_process(tmp_path: Path) -> None:
    from ad_chassis.eventlog.kafka import KafkaLog

    kafka = EventLogSettings(bootstrap_servers="127.0.0.1:9", instance_id="worker-3", session_seconds=45)
    log = create_platform(embedded_settings(tmp_path, event_log=kafka)).event_log
    assert isinstance(log, KafkaLog)
    assert (log._options.instance_id, log._options.session_timeout_ms) == ("worker-3", 45_000)


async def test_an_opened_platform_works_and_closes_what_it_opened(tmp_path: Path) -> None:
    async with memory_platform(tmp_path) as platform:
        await platform.event_log.create_topics({"t": TopicConfig(partitions=1)})
        await platform.event_log.publish([Message("t", b"v")])
        await platform.objects.put("k", b"v")
        await platform.cache.set("k", b"v")
        database = platform.database("shop", migrations="tests.support.shop.migrations")
        await database.start()
        report = await platform.health("kafka", "redis", "objects", database=database).report()
        assert report.healthy, report
    with pytest.raises(RuntimeError, match="not started"):
        await database.check()
    assert (tmp_path / "objects" / "k").read_bytes() == b"v"


async def test_a_service_calls_another_in_its_process_with_a_token_of_auth(tmp_path: Path) -> None:
    async with memory_platform(tmp_path, FakeAuth()) as platform:
        app = platform.app("detection", platform.health())

        @app.get("/api/v1/who")
        async def who(principal: Annotated[Principal, require("read")]) -> dict[str, str]:
            return {"kind": principal.kind, "tenant": principal.tenant}

        platform.register("detection", app)
        answer = await platform.client("detection").get("/api/v1/who", tenant="acme")
        assert answer.json() == {"kind": "service", "tenant": "acme"}


async def test_a_service_that_is_nowhere_names_the_variable_to_set(tmp_path: Path) -> None:
    async with memory_platform(tmp_path, services=ServiceUrls(training=None)) as platform:
        with pytest.raises(SettingsError, match="TRAINING_URL"):
            await platform.client("training").get("/x", token="t")


async def test_a_token_that_was_revoked_is_refused_everywhere(tmp_path: Path) -> None:
    auth = FakeAuth()
    async with memory_platform(tmp_path, auth) as platform:
        token = auth.token()
        principal = await platform.verifier.verify(token)
        await platform.cache.set(f"auth:revoked:{principal.token_id}", b"1", 60)
        with pytest.raises(Unauthenticated, match="revoked"):
            await platform.verifier.verify(token)


async def test_the_service_key_comes_from_the_settings_or_else_from_the_file_of_auth(tmp_path: Path) -> None:
    without = TokenSettings(service_key=None)
    platform: Platform = create_platform(embedded_settings(tmp_path, tokens=without))
    assert platform.service_key() is None
    (tmp_path / "service.key").write_text("ad_id_from-file\n")
    assert platform.service_key() == "ad_id_from-file"
    assert create_platform(embedded_settings(tmp_path)).service_key() == "ad_tests_only-for-tests"


def test_only_the_edge_counts_requests(tmp_path: Path) -> None:
    platform = create_platform(embedded_settings(tmp_path), edge="gateway")
    assert platform.metrics("gateway").counts_requests
    assert not platform.metrics("auth").counts_requests
    assert create_platform(embedded_settings(tmp_path)).metrics("auth").counts_requests
    assert platform.metrics("auth") is platform.metrics("auth")
    assert len(platform.registries()) == 3


async def test_the_folder_of_all_records_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with memory_platform(tmp_path / "new" / "data"):
            assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
