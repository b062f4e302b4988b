"""`login`, `logout` and `whoami` say who calls."""

import time

import pytest

from anomaly_detection.client import signing_in
from anomaly_detection.client.login import Tokens, login_at
from tests.support.canned_server import KEY, Answer

ADMIN = {"name": "first administrator", "kind": "api_key", "tenant": "default"}
ANN = {"name": "ann", "kind": "user", "tenant": "default"}


@pytest.fixture
def kept(server, tmp_path, monkeypatch):
    """A login at the server, and nothing else to sign in with."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("ANOMALY_DETECTION_API_KEY")
    server.on("POST /auth/revoke", Answer(b""))
    server.on("GET /auth/me", ADMIN)
    kept = login_at(server.url, trust_env=False)
    kept.keep(Tokens("hers", "ad_refresh_1", time.time() + 900, "ann", "default"))
    return kept


def test_who_signs_out_is_told_who_calls_from_now_on(command, server, kept, tmp_path) -> None:
    (tmp_path / "admin.key").write_text(KEY)
    told = command("logout")
    assert "commands are by first administrator of the tenant default now" in told.err
    assert str(tmp_path / "admin.key") in told.err
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


def test_who_signs_out_and_has_no_key_is_told_that_nobody_is_signed_in(command, kept) -> None:
    told = command("logout")
    assert (told.code, "nobody is signed in now: no API key" in told.err) == (0, True)


@pytest.mark.parametrize("key", [None, KEY])
def test_who_signs_in_is_told_of_a_key_that_goes_before_the_login(
    command, server, kept, monkeypatch, key
) -> None:
    monkeypatch.setattr(signing_in, "on_device", lambda *_, **__: kept.tokens())
    server.on("GET /auth/me", ANN, ADMIN)
    if key:
        monkeypatch.setenv("ANOMALY_DETECTION_API_KEY", key)
    told = command("login", "--device").err
    assert "as ann of the tenant default" in told
    assert ("commands are by first administrator" in told) is bool(key)
    assert ("(ANOMALY_DETECTION_API_KEY)" in told) is bool(key)


def test_whoami_says_by_what(command, kept) -> None:
    assert "by the login" in command("whoami").out
