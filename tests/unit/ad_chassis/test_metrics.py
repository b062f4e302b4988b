"""The metrics have the promised names and labels, and several services make one valid page."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ad_chassis.metrics import Metrics, render


def samples(text: bytes) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


def test_the_promised_names_and_labels_are_there() -> None:
    metrics = Metrics("gateway")
    metrics.request("GET", "/api/v1/models/{name}", 200, 0.01)
    metrics.anomalies.labels("isolation_forest", "machine", "acme").inc()
    metrics.model_accuracy.labels("m@1", "isolation_forest").set(0.9)
    found = samples(render([metrics.registry]))
    assert found["anomaly_detection_requests_total"] == [
        {"method": "GET", "endpoint": "/api/v1/models/{name}", "status": "200"}
    ]
    assert found["anomaly_detection_request_duration_seconds_count"] == [
        {"method": "GET", "endpoint": "/api/v1/models/{name}"}
    ]
    assert found["anomaly_detection_anomalies_detected_total"] == [
        {"algorithm": "isolation_forest", "dataset": "machine", "tenant": "acme"}
    ]
    assert found["anomaly_detection_model_accuracy"] == [{"model_id": "m@1", "algorithm": "isolation_forest"}]


def test_a_service_behind_the_edge_counts_no_requests() -> None:
    metrics = Metrics("auth", counts_requests=False)
    metrics.request("GET", "/", 200, 0.01)
    assert "anomaly_detection_requests_total" not in samples(render([metrics.registry]))


def test_an_invented_method_does_not_make_a_label_of_its_own() -> None:
    metrics = Metrics("gateway")
    metrics.request("BREW", "unmatched", 405, 0.01)
    assert samples(render([metrics.registry]))["anomaly_detection_requests_total"][0]["method"] == "OTHER"


def test_streams_beyond_a_limit_share_one_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ad_chassis.metrics.MOST_DATASETS", 2)
    metrics = Metrics("detection")
    found = [metrics.dataset("acme", stream)[0] for stream in "abcab"]
    assert found == ["a", "b", "(others)", "a", "b"]


def test_streams_of_one_name_are_counted_by_tenant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ad_chassis.metrics.MOST_DATASETS", 2)
    metrics = Metrics("detection")
    found = [metrics.dataset(tenant, "pumps") for tenant in ("acme", "other", "third")]
    assert found == [
        ("pumps", "acme"),
        ("pumps", "other"),
        ("(others)", "(others)"),
    ]


def test_several_services_make_one_page_with_each_family_once() -> None:
    first, second = Metrics("detection"), Metrics("ingestion")
    first.loop.step("records.default", "score", 0.1)
    second.loop.step("records.default", "decode", 0.1)
    text = render([first.registry, second.registry])
    assert text.decode().count("# TYPE anomaly_detection_step_seconds histogram") == 1
    services = {labels["service"] for labels in samples(text)["anomaly_detection_step_seconds_count"]}
    assert services == {"detection", "ingestion"}


def test_a_page_can_be_rendered_again_without_growing() -> None:
    metrics = [Metrics("a"), Metrics("b")]
    for each in metrics:
        each.request("GET", "/", 200, 0.1)
    registries = [each.registry for each in metrics]
    first, second = samples(render(registries)), samples(render(registries))
    assert {name: len(found) for name, found in first.items()} == {
        name: len(found) for name, found in second.items()
    }
