"""The line of a request is made another way than others, and looks the same."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ad_chassis.logs import LineHandler, configure_logs, get_logger
from ad_chassis.request_log import log_request
from ad_chassis.served import SERVED, Served
from ad_chassis.settings import RuntimeSettings, TelemetrySettings
from ad_chassis.telemetry import Telemetry
from tests.support.logging_state import kept_logging

SERVING = Served("r-1", "shop")
Read = Callable[[], str]


@contextmanager
def reading() -> Iterator[Read]:
    """Within the test, since pytest listens to the log too from its beginning."""
    stream = io.StringIO()
    with kept_logging():
        configure_logs("shop", RuntimeSettings(log_level="INFO", debug=False), stream)
        yield stream.getvalue


def usual(path: str) -> None:
    """The same line as any other is written."""
    token = SERVED.set(SERVING)
    get_logger("http").info("request", method="GET", path=path, status=200, seconds=0.000012)
    SERVED.reset(token)


def fields(line: str) -> list[tuple[str, object]]:
    return [
        (name, "now" if name == "timestamp" else value)
        for name, value in json.loads(line, object_pairs_hook=list)
    ]


@pytest.mark.parametrize(
    "path",
    ["/a", '/a"b\\c\n\r\x1b[2J\x85\u2028\U0001f600\ud800', "/x/ad_k1_0123456789abcdef", "/eyJabcdef.abc.def"],
)
def test_the_line_is_that_of_every_other_log_whatever_the_path_holds(path: str) -> None:
    with reading() as read:
        usual(path)
        log_request(SERVING, "GET", path, 200, 0.0000123)
    first, second = read().splitlines()
    assert fields(second) == fields(first)
    assert len(second) == len(first)


def test_the_line_carries_the_ids_of_the_trace() -> None:
    telemetry = Telemetry("x", "1", TelemetrySettings(otlp_endpoint=None), InMemorySpanExporter())
    with reading() as read, telemetry.span("work"):
        usual("/a")
        log_request(SERVING, "GET", "/a", 200, 0.000012)
    telemetry.stop()
    first, second = read().splitlines()
    assert "trace_id" in second
    assert fields(second) == fields(first)


def test_a_quiet_line_is_left_out_unless_it_is_asked_for() -> None:
    with reading() as read:
        log_request(SERVING, "GET", "/health", 200, 0.1, quiet=True)
        assert read() == ""
        logging.getLogger().setLevel("DEBUG")
        log_request(SERVING, "GET", "/health", 200, 0.1, quiet=True)
    assert json.loads(read())["level"] == "debug"


def test_who_listens_besides_hears_of_requests_too() -> None:
    other = io.StringIO()
    with reading() as read:
        logging.getLogger().addHandler(logging.StreamHandler(other))
        log_request(SERVING, "GET", "/a", 200, 0.1)
    assert json.loads(read())["path"] == "/a"
    assert "request" in other.getvalue()


def test_a_line_that_cannot_be_written_fails_nothing() -> None:
    stream = io.StringIO()
    handler = LineHandler(stream)
    stream.close()
    handler.line("gone")
    assert stream.closed
