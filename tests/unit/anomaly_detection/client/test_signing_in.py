"""The two ways to sign in, against a server with canned answers."""

import socket
import threading
import urllib.error
import urllib.request
import webbrowser
from urllib.parse import parse_qs, urlsplit

import pytest

from anomaly_detection.client import signing_in
from anomaly_detection.client.problems import ServerError
from anomaly_detection.client.signing_in import has_browser, in_browser, on_device
from tests.support.canned_server import problem

ANSWER = {"access_token": "new", "refresh_token": "ad_refresh_2", "expires_in": 900, "tenant": "default"}
METADATA = "GET /.well-known/oauth-authorization-server"
DEVICE = {"device_code": "d", "user_code": "BCDF-GHJK", "verification_uri": "http://a/device", "interval": 5}


@pytest.fixture
def browser(monkeypatch):
    """Calls back with what a test says; `seen` is what it was asked, and how it was answered."""
    seen = []

    def use(*answers):
        def visit(asked):
            for path, changes in answers:
                told = {"state": asked["state"][0]} | changes
                query = "&".join(f"{name}={value}" for name, value in told.items())
                address = asked["redirect_uri"][0].replace("/callback", path)
                try:
                    seen.append(urllib.request.urlopen(f"{address}?{query}").status)
                except urllib.error.HTTPError as error:
                    seen.append(error.code)

        def show(address):
            asked = parse_qs(urlsplit(address).query)
            threading.Thread(target=visit, args=[asked]).start()
            return True

        monkeypatch.setattr(webbrowser, "open", show)
        return seen

    return use


def test_rfc6749_10_12_only_the_answer_to_the_own_question_is_taken(server, browser) -> None:
    server.on("POST /auth/token", ANSWER)
    seen = browser(
        ("/callback", {"code": "stolen", "state": "another"}),
        ("/favicon.ico", {}),
        ("/callback", {"code": "mine"}),
    )
    assert in_browser(server.url, lambda _: None, trust_env=False).access_token == "new"
    assert seen == [404, 404, 200]
    form = parse_qs(server.last.body.decode())
    assert (form["code"], form["client_id"]) == (["mine"], ["cli"])
    assert len(form["code_verifier"][0]) >= 43


def test_rfc6749_4_1_2_1_a_refusal_is_told(server, browser) -> None:
    browser(("/callback", {"error": "access_denied"}))
    with pytest.raises(ServerError, match="access_denied"):
        in_browser(server.url, lambda _: None, trust_env=False)


def test_a_connection_that_a_browser_opens_and_leaves_idle_holds_nothing_up(server, monkeypatch) -> None:
    server.on("POST /auth/token", ANSWER)
    idle = []

    def show(address):
        asked = parse_qs(urlsplit(address).query)
        aim = urlsplit(asked["redirect_uri"][0])
        idle.append(socket.create_connection((aim.hostname, aim.port)))
        address = f"{aim.geturl()}?code=mine&state={asked['state'][0]}"
        threading.Thread(target=urllib.request.urlopen, args=[address], daemon=True).start()
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    assert in_browser(server.url, lambda _: None, trust_env=False, seconds=30).access_token == "new"
    idle[0].close()


def test_rfc9207_2_4_the_answer_of_another_server_is_not_used(server, browser) -> None:
    server.on(METADATA, {"issuer": "https://a.example"})
    for told in ({"iss": "https://b.example"}, {}):
        browser(("/callback", {"code": "mine"} | told))
        with pytest.raises(ServerError, match=r"not of https://a\.example"):
            in_browser(server.url, lambda _: None, trust_env=False)
    assert [each.method for each in server.seen] == ["GET", "GET"]


def test_rfc9207_2_4_the_answer_of_the_server_that_was_asked_is_used(server, browser) -> None:
    server.on(METADATA, {"issuer": "https://a.example"})
    server.on("POST /auth/token", ANSWER)
    browser(("/callback", {"code": "mine", "iss": "https://a.example"}))
    assert in_browser(server.url, lambda _: None, trust_env=False).access_token == "new"


def test_rfc8414_3_3_a_server_elsewhere_names_no_other_issuer_than_itself(monkeypatch) -> None:
    shown = []
    monkeypatch.setattr(signing_in, "get", lambda *_, **__: {"issuer": "https://honest.example"})
    monkeypatch.setattr(webbrowser, "open", shown.append)
    with pytest.raises(ServerError, match=r"login --server https://honest\.example"):
        in_browser("https://other.example", lambda _: None, trust_env=False)
    assert shown == []


def test_who_does_not_sign_in_is_not_waited_for_without_end(server, browser) -> None:
    browser()
    with pytest.raises(ServerError, match="--device"):
        in_browser(server.url, lambda _: None, trust_env=False, seconds=0)


def test_rfc8628_3_5_a_device_asks_at_its_interval_and_slower_when_it_is_told(server) -> None:
    server.on("POST /auth/device", DEVICE)
    errors = [problem(400, "x", error=code) for code in ("authorization_pending", "slow_down")]
    server.on("POST /auth/token", *errors, ANSWER)
    waited, said = [], []
    assert on_device(server.url, said.append, trust_env=False, wait=waited.append).access_token == "new"
    assert waited == [5, 5, 10]
    assert "BCDF-GHJK" in said[0]


@pytest.mark.parametrize("code", ["access_denied", "expired_token"])
def test_rfc8628_3_5_a_device_that_is_refused_stops(server, code) -> None:
    server.on("POST /auth/device", DEVICE)
    server.on("POST /auth/token", problem(400, f"no: {code}", error=code))
    with pytest.raises(ServerError, match=code):
        on_device(server.url, lambda _: None, trust_env=False, wait=lambda _: None)


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({}, False),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a"}, False),
    ],
)
def test_a_browser_is_opened_where_somebody_sees_it(monkeypatch, environment, found) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(signing_in.sys, "platform", "linux")
    monkeypatch.setattr(webbrowser, "get", lambda: None)
    assert has_browser() is found
