"""A service logs in with its key and keeps the token until shortly before it expires."""

import asyncio
from typing import Any

import pytest

from ad_chassis.errors import SettingsError, Unauthenticated
from ad_chassis.security.token_source import ServiceTokenSource, format_api_key, parse_api_key


class Desk:
    """Where tokens are got."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []

    async def issue(self, form: dict[str, str]) -> dict[str, Any]:
        self.forms.append(form)
        await asyncio.sleep(0)
        return {"access_token": f"token {len(self.forms)}", "expires_in": 100}


async def test_a_token_is_got_once_for_all_who_ask_at_the_same_time() -> None:
    desk = Desk()
    source = ServiceTokenSource(desk.issue, lambda: "ad_id_the_secret")
    tokens = await asyncio.gather(*(source.token() for _ in range(5)))
    assert set(tokens) == {"token 1"}
    assert desk.forms == [
        {"grant_type": "client_credentials", "client_id": "id", "client_secret": "the_secret"}
    ]


async def test_a_token_is_renewed_shortly_before_it_expires_and_when_it_was_refused() -> None:
    now = 0.0
    source = ServiceTokenSource(Desk().issue, lambda: "ad_id_secret", clock=lambda: now)
    assert await source.token() == "token 1"
    now = 69.0
    assert await source.token() == "token 1"
    now = 71.0
    assert await source.token() == "token 2"
    source.forget()
    assert await source.token() == "token 3"


async def test_a_missing_key_names_the_variable_to_set() -> None:
    with pytest.raises(SettingsError, match="ANOMALY_DETECTION_SERVICE_KEY"):
        await ServiceTokenSource(Desk().issue, lambda: None).token()


def test_a_key_survives_being_written_and_read() -> None:
    assert parse_api_key(format_api_key("id", "se_cret-x")) == ("id", "se_cret-x")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ad_prod_0123456789abcdef_se_cret", ("0123456789abcdef", "se_cret")),
        ("ad_0123456789abcdef_se_cret_x", ("0123456789abcdef", "se_cret_x")),
        ("ad_service_a_b_c", ("service", "a_b_c")),
        (" ad_dev_0123456789abcdef_s\n", ("0123456789abcdef", "s")),
    ],
)
def test_keys_with_and_without_an_environment_are_read(text: str, parts: tuple[str, str]) -> None:
    assert parse_api_key(text) == parts


def test_a_key_says_where_it_is_good() -> None:
    assert format_api_key("0123456789abcdef", "secret", "prod") == "ad_prod_0123456789abcdef_secret"


@pytest.mark.parametrize("text", ["", "ad_", "ad_id", "ad_id_", "xx_id_secret", "ad__secret"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated, match="ad_<id>_<secret>"):
        parse_api_key(text)
