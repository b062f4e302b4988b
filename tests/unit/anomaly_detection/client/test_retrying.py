"""Which failures may pass, and how long to wait."""

from datetime import UTC, datetime

import pytest

from anomaly_detection.client.effects import Request
from anomaly_detection.client.problems import NoAnswer, NobodyThere, ServerError
from anomaly_detection.client.retrying import FIRST_WAIT_SECONDS, Retry, asked_seconds, may_pass

SAFE, UNSAFE = Request("GET", "/x"), Request("PATCH", "/x", safe=False)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def failure(tries: int = 1, retry_after: str | None = None) -> ServerError:
    error = ServerError("busy", 503, retry_after=retry_after)
    error.tries = tries
    return error


def test_waits_are_all_of_them_by_chance_and_double_their_ceiling() -> None:
    retry = Retry(tries=10)
    assert [retry.wait_seconds(failure(tries), 0, 1.0) for tries in (1, 2, 3)] == [0.4, 0.8, 1.6]
    assert retry.wait_seconds(failure(3), 0, 0.0) == 0.0
    assert retry.wait_seconds(failure(9), 0, 1.0) == 15.0


def test_what_the_server_asks_for_is_the_least() -> None:
    assert Retry().wait_seconds(failure(1, "7"), 0, 0.0) == 7.0
    assert Retry().wait_seconds(failure(1, "7"), 0, 1.0) == 7.0 + FIRST_WAIT_SECONDS


def test_the_number_of_tries_and_the_time_are_bounded() -> None:
    assert Retry(tries=3).wait_seconds(failure(3), 0, 0.5) is None
    assert Retry(tries=1).wait_seconds(failure(1), 0, 0.5) is None
    assert Retry(within_seconds=10).wait_seconds(failure(1, "5"), 5.5, 0.0) is None
    assert Retry(within_seconds=10).wait_seconds(failure(1, "5"), 4.5, 0.0) == 5.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0.0),
        ("120", 120.0),
        (" 3 ", 3.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
        ("", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds) -> None:
    assert asked_seconds(text, NOW) == seconds


@pytest.mark.parametrize(
    ("request_", "error", "again"),
    [
        (SAFE, ServerError("x", 503), True),
        (SAFE, ServerError("x", 500), False),
        (SAFE, ServerError("x", 404), False),
        (SAFE, NoAnswer("x"), True),
        (SAFE, ServerError("x", 409), False),
        (SAFE, ServerError("x", 409, retry_after="1"), True),
        (UNSAFE, ServerError("x", 503), False),
        (UNSAFE, NoAnswer("x"), False),
        (UNSAFE, ServerError("x", 429), True),
        (UNSAFE, NobodyThere("x"), True),
    ],
)
def test_only_what_is_safe_and_may_pass_is_tried_again(request_, error, again) -> None:
    assert may_pass(request_, error, met=True) is again


def test_nobody_at_an_address_that_never_answered_is_no_outage() -> None:
    assert may_pass(SAFE, NobodyThere("x"), met=False) is False
