"""What is told of the feed."""

from prometheus_client import CollectorRegistry

from ad_gateway.adapters.feed_metrics import MOST_TENANTS, FeedMetrics


def test_clients_messages_gaps_and_codes_are_counted() -> None:
    registry = CollectorRegistry()
    metrics = FeedMetrics(registry)
    for change in (1, 1, -1):
        metrics.connected("acme", change)
    metrics.sent("acme")
    metrics.gap("acme")
    metrics.resumed("acme")
    metrics.closed(4401)
    tenant, name = {"tenant": "acme"}, "anomaly_detection_feed_"
    for what in ("clients", "messages_total", "gaps_total", "resumed_total"):
        assert registry.get_sample_value(name + what, tenant) == 1
    assert registry.get_sample_value(f"{name}closed_total", {"code": "4401"}) == 1


def test_a_thousand_tenants_have_names_and_all_others_one() -> None:
    registry = CollectorRegistry()
    metrics = FeedMetrics(registry)
    for number in range(MOST_TENANTS + 5):
        metrics.connected(str(number), 1)
    found = registry.get_sample_value("anomaly_detection_feed_clients", {"tenant": "(others)"})
    assert found == 5
