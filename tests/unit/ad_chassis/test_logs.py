"""Logs are one JSON object a line, from our code and from libraries alike."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ad_chassis.logs import configure_logs, get_logger, log_context, security_event
from ad_chassis.security_metrics import REGISTRY
from ad_chassis.settings import RuntimeSettings, TelemetrySettings
from ad_chassis.telemetry import Telemetry
from tests.support.logging_state import kept_logging

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    with kept_logging():
        configure_logs("detection", RuntimeSettings(log_level="INFO", debug=False), stream)
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_service_level_time_and_context(lines: Lines) -> None:
    with log_context(request_id="r-1"):
        get_logger("x").info("scored", records=3)
    [line] = lines()
    assert line["service"] == "detection"
    assert line["event"] == "scored"
    assert line["level"] == "info"
    assert line["request_id"] == "r-1"
    assert line["records"] == 3
    assert str(line["timestamp"]).endswith("Z")


def test_lines_of_libraries_go_the_same_way(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("port %d is taken, password=%s", 80, "x")
    [line] = lines()
    assert line["event"] == "port 80 is taken, password=x"
    assert line["logger"] == "uvicorn.error"
    assert line["service"] == "detection"


def test_an_error_is_logged_with_its_traceback_but_without_its_secrets(lines: Lines) -> None:
    try:
        raise ValueError("key ad_k1_0123456789abcdef is wrong")
    except ValueError as error:
        get_logger("x").error("failed", exc_info=error)
    [line] = lines()
    assert "Traceback" in str(line["exception"])
    assert "0123456789abcdef" not in str(line)


def test_a_line_inside_a_span_carries_the_ids_of_the_trace(lines: Lines) -> None:
    telemetry = Telemetry("x", "1", TelemetrySettings(otlp_endpoint=None), InMemorySpanExporter())
    with telemetry.span("work") as span:
        get_logger("x").info("inside")
    telemetry.stop()
    [line] = lines()
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert line["span_id"] == f"{span.get_span_context().span_id:016x}"


def test_a_security_event_is_marked_as_one(lines: Lines) -> None:
    security_event("token refused", reason="expired", token="secret")
    [line] = lines()
    assert line["security"] is True
    assert line["level"] == "warning"
    assert line["token"] == "[redacted]"


def test_a_security_event_is_counted_and_holds_no_character_that_steers(lines: Lines) -> None:
    labels = {"event": "token refused"}
    before = REGISTRY.get_sample_value("anomaly_detection_security_events_total", labels) or 0.0
    security_event("token refused", path="/a\n\x1b[2J\u2028", number=1)
    after = REGISTRY.get_sample_value("anomaly_detection_security_events_total", labels)
    [line] = lines()
    assert (line["path"], line["number"]) == ("/a\\u000a\\u001b[2J\\u2028", 1)
    assert after == before + 1


def test_lines_below_the_level_are_left_out(lines: Lines) -> None:
    get_logger("x").debug("noise")
    assert lines() == []


def test_what_the_kafka_client_retries_is_a_warning(lines: Lines) -> None:
    logging.getLogger("aiokafka.consumer.group_coordinator").error("Group Coordinator Request failed")
    logging.getLogger("sqlalchemy.engine").error("the database is gone")
    assert [line["level"] for line in lines()] == ["warning", "error"]
