"""The forms of answers are those of the OpenAPI documents."""

import json
from typing import Any, Literal, get_origin, get_type_hints

import pytest

from ad_contracts.events import AnomalyDetected
from anomaly_detection.client import access_answers, answers
from tests.architecture import project

SCHEMAS = {
    answers.Stream: "ingestion StreamAnswer",
    answers.Counts: "ingestion CountsAnswer",
    answers.Rejection: "ingestion RejectionAnswer",
    answers.DeadLetter: "ingestion DeadLetterAnswer",
    answers.Episode: "detection EpisodeAnswer",
    answers.RowResult: "detection RowResult",
    answers.Detection: "detection DetectAnswer",
    answers.Replay: "detection ReplayAnswer",
    answers.ModelSummary: "model_registry SummaryAnswer",
    answers.ModelVersion: "model_registry VersionAnswer",
    answers.Model: "model_registry ModelAnswer",
    answers.Challenger: "model_registry ChallengerAnswer",
    answers.Deployment: "model_registry DeploymentAnswer",
    answers.Job: "training JobAnswer",
    access_answers.Me: "auth MeAnswer",
    access_answers.User: "auth UserAnswer",
    access_answers.Role: "auth RoleAnswer",
    access_answers.ApiKey: "auth KeyAnswer",
    access_answers.NewApiKey: "auth NewKeyAnswer",
    access_answers.Tenant: "auth TenantAnswer",
    access_answers.NewTenant: "auth NewTenantAnswer",
    access_answers.AuditEntry: "auth AuditEntryAnswer",
    access_answers.AuditHead: "auth AuditHeadAnswer",
}
PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool}


def schema_of(place: str) -> dict[str, Any]:
    service, name = place.split()
    document = json.loads((project.ROOT / "contracts" / "openapi" / f"{service}.json").read_text())
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


@pytest.mark.parametrize("form", SCHEMAS, ids=lambda form: form.__name__)
def test_a_form_has_the_fields_of_its_schema(form) -> None:
    properties = schema_of(SCHEMAS[form])["properties"]
    hints = get_type_hints(form)
    assert hints.keys() == properties.keys()
    for name, schema in properties.items():
        if schema.get("type") in PLAIN and get_origin(hints[name]) is not Literal:
            assert hints[name] is PLAIN[schema["type"]], name


def test_an_anomaly_has_the_fields_of_its_event_with_times_as_texts() -> None:
    fields = {name.replace("_time_ms", "_time") for name in AnomalyDetected.__struct_fields__}
    assert get_type_hints(answers.Anomaly).keys() == fields | {"superseded_by"}
    assert answers.Anomaly.__optional_keys__ == {"superseded_by"}
