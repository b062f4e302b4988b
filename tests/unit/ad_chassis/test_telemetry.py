"""Traces pass through services whether or not spans are recorded."""

import pytest
from opentelemetry import context as otel_context
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ad_chassis.settings import TelemetrySettings
from ad_chassis.telemetry import Telemetry, current_traceparent, extract_context

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OFF = TelemetrySettings(otlp_endpoint=None)


def test_without_an_endpoint_a_span_costs_nothing_and_sends_nothing() -> None:
    telemetry = Telemetry("x", "1", OFF)
    with telemetry.span("work") as span:
        assert not span.is_recording()
    assert not telemetry.enabled
    assert current_traceparent() is None


def test_a_span_continues_the_trace_that_a_message_carried() -> None:
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("detection", "1", OFF, exporter)
    with telemetry.span("batch", traceparent=TRACEPARENT, attributes={"records": 3}):
        inside = current_traceparent()
    telemetry.flush()
    telemetry.stop()
    [span] = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACEPARENT.split("-")[1]
    assert f"{span.parent.span_id:016x}" == TRACEPARENT.split("-")[2]
    assert inside is not None
    assert inside.split("-")[1] == TRACEPARENT.split("-")[1]
    assert span.resource.attributes["service.name"] == "detection"


def test_the_trace_of_a_caller_passes_through_without_any_span() -> None:
    token = otel_context.attach(extract_context({"traceparent": TRACEPARENT}))
    try:
        assert current_traceparent() == TRACEPARENT
    finally:
        otel_context.detach(token)


@pytest.mark.parametrize("header", ["", "garbage", "00-0-0-00", "ff" + TRACEPARENT[2:]])
def test_a_malformed_header_counts_as_none(header: str) -> None:
    token = otel_context.attach(extract_context({"traceparent": header}))
    try:
        assert current_traceparent() is None
    finally:
        otel_context.detach(token)
