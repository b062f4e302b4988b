import copy
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ad_contracts import avro, resources
from ad_contracts.codec import AvroCodec
from ad_contracts.confluent import HEADER, ConfluentCodec, subject
from ad_contracts.errors import DecodeError, EncodeError, RegistryError, UnknownSchemaError
from ad_contracts.events import EVENTS, DeploymentChanged
from ad_contracts.registry import SchemaRegistry
from tests.support.events import events_of
from tests.support.schema_registry import FakeRegistry, schema_registry

CHANGE = DeploymentChanged(tenant="default", stream="cpu", revision=1, changed_by="ann", changed_time_ms=5)


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with schema_registry() as running:
        yield running


@pytest.fixture
async def codec(server: FakeRegistry) -> AsyncIterator[ConfluentCodec]:
    made = ConfluentCodec(SchemaRegistry(server.url))
    yield made
    await made.close()


async def test_what_is_encoded_comes_back_equal(codec: ConfluentCodec) -> None:
    await codec.prepare()

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of([events_of(event) for event in EVENTS.values()]))
    def round_trip(event: object) -> None:
        data = codec.encode(event)  # type: ignore[arg-type] # the strategy is a union of all events
        assert data[0] == 0
        assert codec.decode(data) == event

    round_trip()


async def test_schemas_are_registered_per_topic_and_per_record_where_a_topic_carries_several(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    await codec.prepare(("default", "acme"))
    assert {"anomalies.default-value", "anomalies.acme-value", "deployments-value"} <= server.subjects.keys()
    assert "training.events-anomaly_detection.TrainingFinished" in server.subjects
    assert subject("rejected", "record_rejected", "acme") == "rejected.acme-value"


async def test_preparing_again_asks_nothing_again(server: FakeRegistry, codec: ConfluentCodec) -> None:
    await codec.prepare()
    calls = len(server.calls)
    await codec.prepare()
    assert len(server.calls) == calls


async def test_an_event_before_the_preparation_is_refused(codec: ConfluentCodec) -> None:
    with pytest.raises(EncodeError, match=r"prepare\(\)"):
        codec.encode(CHANGE)


async def test_a_message_of_another_writer_is_read_once_its_schema_is_learned(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    other = ConfluentCodec(SchemaRegistry(server.url))
    await other.prepare()
    message = other.encode(CHANGE)
    await other.close()
    with pytest.raises(UnknownSchemaError) as caught:
        codec.decode(message)
    assert caught.value.schema_id == HEADER.unpack_from(message)[1]
    await codec.learn([message, b"", b"garbage", message])
    assert codec.decode(message) == CHANGE
    assert [call for call in server.calls if call.startswith("GET")] == [
        f"GET /schemas/ids/{caught.value.schema_id}"
    ]


async def test_a_writer_schema_with_more_fields_is_read_by_the_newest_reader(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    newer = copy.deepcopy(resources.newest_schemas()["deployment_changed"])
    newer["fields"].insert(0, {"name": "region", "type": "string"})
    registry = SchemaRegistry(server.url)
    schema_id = await registry.register("deployments-value", newer)
    await registry.close()
    message = HEADER.pack(0, schema_id) + b"\x04eu" + avro.write(CHANGE)
    await codec.learn([message])
    assert codec.decode(message) == CHANGE


async def test_an_id_that_the_registry_does_not_know_costs_only_its_message(codec: ConfluentCodec) -> None:
    message = HEADER.pack(0, 99) + b"x"
    await codec.learn([message])
    with pytest.raises(UnknownSchemaError, match="schema id 99"):
        codec.decode(message)


async def test_a_schema_that_is_no_event_of_ours_costs_only_its_message(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    foreign = server.register("x-value", '{"type": "record", "name": "Order", "fields": []}')
    unreadable = server.register("y-value", '{"type": "records", "name": "AnomalyDetected"}')
    for schema_id in (foreign, unreadable):
        message = HEADER.pack(0, schema_id)
        await codec.learn([message])
        with pytest.raises(UnknownSchemaError):
            codec.decode(message)


async def test_a_writer_schema_that_lacks_needed_fields_costs_only_its_message(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    schema = '{"type": "record", "name": "AnomalyDetected", "fields": []}'
    message = HEADER.pack(0, server.register("y-value", schema))
    await codec.learn([message])
    with pytest.raises(DecodeError, match="No default value for field id"):
        codec.decode(message)


async def test_single_object_messages_are_still_read(codec: ConfluentCodec) -> None:
    assert codec.decode(AvroCodec().encode(CHANGE)) == CHANGE


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"{}", b"\x01\x00\x00\x00\x01x"])
async def test_other_bytes_are_refused(codec: ConfluentCodec, data: bytes) -> None:
    with pytest.raises(DecodeError, match="not an event"):
        codec.decode(data)


async def test_a_registry_that_fails_is_not_taken_for_bad_data(
    server: FakeRegistry, codec: ConfluentCodec
) -> None:
    server.broken = True
    with pytest.raises(RegistryError, match="500"):
        await codec.prepare()
    with pytest.raises(RegistryError, match="500"):
        await codec.learn([HEADER.pack(0, 1)])
