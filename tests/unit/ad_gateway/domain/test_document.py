"""One OpenAPI document out of many."""

import pytest

from ad_contracts.resources import openapi_documents
from ad_gateway.domain.document import SchemasDiffer, joined

OWN = {"openapi": "3.1.0", "paths": {"/api/v1/health": {"get": {"summary": "gateway"}}}}


def service(path: str, schema: dict[str, str]) -> dict:
    health = {"get": {"summary": "service"}}
    return {
        "paths": {path: {"get": {}}, "/api/v1/health": health},
        "components": {"schemas": {"Thing": schema}},
    }


def test_paths_and_schemas_of_all_services_are_there_and_health_is_the_gateways() -> None:
    whole = joined(
        OWN, {"a": service("/api/v1/a", {"type": "object"}), "b": service("/api/v1/b", {"type": "object"})}
    )
    assert list(whole["paths"]) == ["/api/v1/a", "/api/v1/b", "/api/v1/health"]
    assert whole["paths"]["/api/v1/health"]["get"]["summary"] == "gateway"
    assert whole["components"]["schemas"] == {"Thing": {"type": "object"}}
    assert list(OWN["paths"]) == ["/api/v1/health"]


def test_one_name_for_two_things_is_refused() -> None:
    with pytest.raises(SchemasDiffer, match="Thing means something else in b"):
        joined(OWN, {"a": service("/a", {"type": "object"}), "b": service("/b", {"type": "string"})})


def test_the_documents_of_the_services_as_they_are_can_be_joined() -> None:
    documents = dict(openapi_documents())
    whole = joined(documents.pop("gateway"), documents)
    operations = [item["operationId"] for path in whole["paths"].values() for item in path.values()]
    assert len(set(operations)) == len(operations)
    assert {"/api/v1/detect", "/api/v1/train", "/api/v1/auth/token", "/api/v1/streams"} <= set(whole["paths"])
