import pytest

from ad_contracts.errors import RegistryError, UnknownSchemaError
from ad_contracts.registry import SchemaRegistry
from tests.support.schema_registry import schema_registry

SCHEMA = {"type": "record", "name": "R", "fields": []}


async def test_a_schema_keeps_its_id_and_comes_back_by_it() -> None:
    with schema_registry() as server:
        registry = SchemaRegistry(server.url + "/")
        schema_id = await registry.register("a/b-value", SCHEMA)
        assert await registry.register("a/b-value", SCHEMA) == schema_id
        assert await registry.schema(schema_id) == SCHEMA
        assert await registry.schema(schema_id) == SCHEMA
        assert server.subjects == {"a/b-value": [schema_id]}
        assert len(server.calls) == 2
        await registry.close()


async def test_an_unknown_id_is_named() -> None:
    with schema_registry() as server:
        registry = SchemaRegistry(server.url)
        with pytest.raises(UnknownSchemaError, match="schema id 7"):
            await registry.schema(7)
        await registry.close()


async def test_something_that_is_not_avro_is_refused() -> None:
    with schema_registry() as server:
        registry = SchemaRegistry(server.url)
        with pytest.raises(RegistryError, match="not an Avro record"):
            await registry.schema(server.register("s", "syntax = proto3;"))
        await registry.close()


async def test_a_registry_that_does_not_answer_is_an_error_that_names_it() -> None:
    with schema_registry() as server:
        url = server.url
    registry = SchemaRegistry(url, timeout_seconds=1)
    with pytest.raises(RegistryError, match=url):
        await registry.register("s", SCHEMA)
    await registry.close()
