"""No secret reaches a log, by whatever name or inside whatever text it comes."""

import pytest

from ad_chassis.redaction import REDACTED, redact
from ad_chassis.testing import FakeAuth

API_KEY = "ad_k1_0123456789abcdef"


SECRET_NAMES = (
    "password client_secret access_token refresh_token Authorization Cookie api_key apikey private_key "
    "service_key set-cookie credentials db_passwd signing_key"
)


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_a_value_with_a_secret_name_is_hidden(name: str) -> None:
    assert redact(None, "info", {name: "value"}) == {name: REDACTED}


@pytest.mark.parametrize("name", ["token_id", "token_type", "key_id", "monkey", "stream", "keyed"])
def test_a_harmless_name_keeps_its_value(name: str) -> None:
    assert redact(None, "info", {name: "value"}) == {name: "value"}


def test_a_value_that_looks_like_a_secret_is_hidden_wherever_it_stands() -> None:
    token = FakeAuth().token()
    event = {
        "event": f"login with {API_KEY} failed",
        "header": f"Bearer {token}",
        "opaque": "Bearer abcdefgh12345678",
        "nested": {"list": [token, {"deep": API_KEY}], "password": "x"},
        "url": "postgresql://user:hunter2@db/x",
        "raw": API_KEY.encode(),
        "error": ValueError(f"bad key {API_KEY}"),
    }
    text = str(redact(None, "info", event))
    assert token not in text
    assert API_KEY not in text
    assert "hunter2" not in text
    assert "abcdefgh12345678" not in text
    assert "postgresql://" in text


def test_numbers_and_nothing_stay_as_they_are() -> None:
    event = {"count": 3, "seconds": 0.5, "nothing": None, "ok": True, "token": None, "has_token": True}
    assert redact(None, "info", dict(event)) == event


def test_a_structure_without_end_is_cut() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert REDACTED in str(redact(None, "info", {"endless": endless}))
