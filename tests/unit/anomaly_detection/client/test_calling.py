"""The steps of a call, by hand; what both clients make of them is in their specification."""

import httpx2
import pytest

from anomaly_detection.client.address import Address
from anomaly_detection.client.calling import attempts
from anomaly_detection.client.effects import Connect, Request, Say, Send, Wait
from anomaly_detection.client.problems import NobodyThere, ServerError
from anomaly_detection.client.retrying import Retry
from anomaly_detection.client.signature import Signature
from anomaly_detection.client.walk import Walk

REQUEST = Request("GET", "/x")


def answer(status: int) -> httpx2.Response:
    return httpx2.Response(status, json={"detail": "x"}, request=httpx2.Request("GET", "http://a/x"))


@pytest.fixture
def walk():
    signature = Signature(Address("http://a", "ad_a_b"))
    with Walk(attempts(REQUEST, signature, Retry(), met=False)) as walk:
        yield walk


def test_a_key_needs_no_work_before_it_is_sent(walk) -> None:
    assert walk.effect == Send(REQUEST, "ad_a_b")


def test_no_text_of_the_steps_shows_the_key_or_what_is_sent(walk) -> None:
    sent = Send(Request("POST", "/auth/token", json={"password": "hunter2"}), "ad_a_b")
    shown = f"{walk.effect} {sent} {Connect('ws://a', 'ad_a_b')} {Say('ad_a_b')}"
    assert "POST" in shown
    assert "ad_a_b" not in shown
    assert "hunter2" not in shown


def test_a_server_that_answered_once_and_is_gone_is_an_outage(walk) -> None:
    walk.give(answer(503))
    assert isinstance(walk.effect, Wait)
    walk.give(None)
    walk.fail(NobodyThere("gone"))
    assert isinstance(walk.effect, Wait)
    walk.give(None)
    walk.give(answer(200))
    assert (walk.effect, walk.result.status_code) == (None, 200)


def test_a_server_that_never_answered_is_not(walk) -> None:
    with pytest.raises(NobodyThere, match=r"gone$"):
        walk.fail(NobodyThere("gone"))


def test_who_stops_early_is_not_tried_for_any_more(walk) -> None:
    walk.give(answer(503))
    walk.__exit__(None, None, None)
    with pytest.raises(StopIteration):
        next(walk._steps)


def test_the_last_failure_is_the_one_that_is_told(walk) -> None:
    for _ in range(4):
        walk.give(answer(502))
        walk.give(None)
    with pytest.raises(ServerError, match="tried 5 times"):
        walk.give(answer(503))
