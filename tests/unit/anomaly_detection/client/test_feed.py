"""The steps of the live feed, by hand; what both clients make of them is in their specification."""

import json
import time
from datetime import UTC, datetime

import pytest

from anomaly_detection.client.address import Address
from anomaly_detection.client.effects import Connect, Found, Hear, Say, Wait, Work
from anomaly_detection.client.feed import RENEWAL_SECONDS, Closed, Feed
from anomaly_detection.client.problems import NoAnswer, ServerError
from anomaly_detection.client.signature import Signature
from anomaly_detection.client.walk import Walk
from tests.specs.client_calls import Renewing


def message(kind: str, **fields: object) -> str:
    return json.dumps({"type": kind, "cursor": "c", **fields})


def until(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()


@pytest.fixture
def walk():
    signature = Signature(Address("http://a", ""), Renewing())
    feed = Feed("http://a", "ws://a/feed", signature, {}, lambda _: None)
    with Walk(feed.anomalies()) as walk:
        assert isinstance(walk.effect, Work)
        walk.give("t1")
        assert walk.effect == Connect("ws://a/feed", "t1")
        walk.give(None)
        yield walk


def test_the_token_is_looked_at_once_before_it_ends_and_the_feed_goes_on_whatever_is_found(walk) -> None:
    walk.give(message("ready", token_expires_time=until(RENEWAL_SECONDS - 1)))
    assert isinstance(walk.effect, Work)
    walk.fail(NoAnswer("auth is away"))
    assert walk.effect == Hear()
    walk.give(message("heartbeat"))
    assert walk.effect == Hear()


def test_the_same_token_is_not_sent_again(walk) -> None:
    walk.give(message("ready", token_expires_time=until(RENEWAL_SECONDS - 1)))
    walk.give("t1")
    assert walk.effect == Hear()


def test_a_connection_that_is_gone_when_the_token_is_sent_is_noticed_by_who_listens(walk) -> None:
    walk.give(message("ready", token_expires_time=until(RENEWAL_SECONDS - 1)))
    walk.give("t2")
    assert walk.effect == Say('{"type": "authenticate", "token": "t2"}')
    walk.fail(Closed("the connection was lost"))
    assert walk.effect == Hear()


def test_a_token_with_time_left_is_left_alone(walk) -> None:
    walk.give(message("ready", token_expires_time=until(RENEWAL_SECONDS + 60)))
    assert walk.effect == Hear()


def test_a_renewal_that_is_not_answered_is_a_cut_as_any_other(walk) -> None:
    walk.give(message("ready"))
    walk.fail(Closed("the token has ended", 4401))
    assert isinstance(walk.effect, Wait)
    walk.give(None)
    assert isinstance(walk.effect, Work)
    walk.fail(NoAnswer("auth is away"))
    assert isinstance(walk.effect, Wait)


def test_a_renewal_that_is_refused_is_the_end(walk) -> None:
    walk.give(message("ready"))
    walk.fail(Closed("the token has ended", 4401))
    walk.give(None)
    with pytest.raises(ServerError, match="sign in again"):
        walk.fail(ServerError("the login has ended; sign in again", 401))


def test_an_anomaly_is_passed_by_before_it_is_handed_over(walk) -> None:
    walk.give(message("anomaly", anomaly={"id": 1}))
    assert walk.effect == Found({"id": 1})
    walk.give(None)
    walk.fail(Closed("restarting", 1012))
    walk.give(None)
    walk.give("t1")
    assert walk.effect == Connect("ws://a/feed?after=c", "t1")
