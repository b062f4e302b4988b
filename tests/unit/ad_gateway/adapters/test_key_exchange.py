"""API keys at the edge: exchanged once in a while, and again as soon as their token is no good any more."""

import asyncio
from typing import Annotated

import pytest
from fastapi import FastAPI, Form

from ad_auth.main import build as build_auth
from ad_auth.settings import AuthSettings
from ad_chassis.errors import (
    BadGateway,
    PlatformError,
    TimedOut,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from ad_chassis.http.problems import install_problems
from ad_chassis.lifecycle import started
from ad_chassis.platform import open_platform
from ad_chassis.testing import service_client
from ad_chassis.testing.platform import embedded_settings
from ad_gateway.adapters import key_exchange
from ad_gateway.adapters.key_exchange import KeyExchange

KEY = "ad_test_0123456789abcdef_secret"
AWAY = Unavailable("auth has no database")


class Desk:
    """Auth and the services: gives tokens by number, of which some are refused later."""

    def __init__(self) -> None:
        self.given = 0
        self.refused: set[str] = set()
        self.now = 0.0
        self.failure: PlatformError | None = None
        self.asked = 0
        self.open = asyncio.Event()
        self.open.set()
        app = FastAPI()
        install_problems(app)

        @app.post("/api/v1/auth/token")
        async def token(client_id: Annotated[str, Form()], client_secret: Annotated[str, Form()]) -> dict:
            assert (client_id, client_secret) == ("0123456789abcdef", "secret")
            self.asked += 1
            await self.open.wait()
            if self.failure is not None:
                raise self.failure
            self.given += 1
            return {"access_token": f"token {self.given}", "expires_in": 900}

        self.keys = KeyExchange(service_client(app), self.verify, lambda: self.now)

    async def verify(self, token: str) -> None:
        if token in self.refused:
            raise Unauthenticated("the token was revoked")


async def test_a_key_is_exchanged_once_until_its_token_gets_old() -> None:
    desk = Desk()
    assert {await desk.keys.access_token(KEY) for _ in range(3)} == {"token 1"}
    desk.now = 61.0
    assert await desk.keys.access_token(KEY) == "token 2"


async def test_a_token_that_is_refused_meanwhile_is_followed_by_another_at_once() -> None:
    desk = Desk()
    await desk.keys.access_token(KEY)
    desk.refused.add("token 1")
    assert {await desk.keys.access_token(KEY) for _ in range(3)} == {"token 2"}


@pytest.mark.parametrize(
    "failure",
    [
        AWAY,
        TimedOut("auth waits for its database"),
        PlatformError("a defect"),
        TooManyRequests("too many keys"),
    ],
    ids=lambda failure: str(failure.status),
)
async def test_while_auth_gives_no_token_a_key_goes_on_until_its_last_one_ends(
    monkeypatch: pytest.MonkeyPatch, failure: PlatformError
) -> None:
    monkeypatch.setattr(key_exchange, "PATIENCE_SECONDS", 0.05)
    desk = Desk()
    await desk.keys.access_token(KEY)
    desk.failure = failure
    for desk.now in (61.0, 62.0, 500.0, 899.0):
        assert await desk.keys.access_token(KEY) == "token 1"
    desk.now = 900.0
    with pytest.raises((Unavailable, BadGateway, TooManyRequests)):
        await desk.keys.access_token(KEY)
    desk.failure = None
    assert await desk.keys.access_token(KEY) == "token 2"


async def test_a_key_whose_token_was_revoked_does_not_go_on_while_auth_is_away() -> None:
    desk = Desk()
    await desk.keys.access_token(KEY)
    desk.failure = AWAY
    desk.refused.add("token 1")
    with pytest.raises(Unavailable):
        await desk.keys.access_token(KEY)


async def at_once(desk: Desk, calls: int) -> list[asyncio.Task[str]]:
    """Calls with one key, which wait for auth."""
    desk.open.clear()
    tasks = [asyncio.create_task(desk.keys.access_token(KEY)) for _ in range(calls)]
    async with asyncio.timeout(10):
        while not desk.asked:
            await asyncio.sleep(0)
    return tasks


async def test_calls_at_once_with_one_key_share_an_exchange() -> None:
    desk = Desk()
    calls = await at_once(desk, 200)
    desk.open.set()
    assert set(await asyncio.gather(*calls)) == {"token 1"}
    assert desk.asked == 1


async def test_a_call_that_ends_before_its_exchange_does_not_end_it_for_the_others() -> None:
    desk = Desk()
    first, *others = await at_once(desk, 3)
    first.cancel()
    await asyncio.wait([first])
    desk.open.set()
    assert set(await asyncio.gather(*others)) == {"token 1"}
    assert (first.cancelled(), desk.asked) == (True, 1)


async def test_a_failed_exchange_fails_for_all_who_wait_and_is_not_kept() -> None:
    desk = Desk()
    desk.failure = Unauthenticated("the key is unknown")
    calls = await at_once(desk, 3)
    desk.open.set()
    failed = await asyncio.gather(*calls, return_exceptions=True)
    assert ([type(each) for each in failed], desk.asked) == ([Unauthenticated] * 3, 1)
    desk.failure = None
    assert await desk.keys.access_token(KEY) == "token 1"


async def test_what_is_no_key_is_passed_on_as_it_is() -> None:
    desk = Desk()
    assert await desk.keys.access_token("eyJ.a.b") == "eyJ.a.b"
    assert desk.given == 0


async def test_a_key_that_is_changed_or_removed_counts_at_once_at_the_edge(tmp_path) -> None:
    """Auth, the exchange and the verifier of a process, as a request from outside goes through them."""
    async with open_platform(embedded_settings(tmp_path)) as platform:
        service = build_auth(
            platform, AuthSettings(password_memory_kib=8, password_rounds=1, password_lanes=1)
        )
        platform.register("auth", service.app)
        keys = KeyExchange(platform.anonymous_client("auth"), platform.verifier.verify)
        async with started([service]):
            auth = platform.client("auth")
            body = {"name": "k", "permissions": ["records:write"]}
            made = (await auth.post("/api/v1/api-keys", json=body)).json()
            role = {"name": "r", "permissions": ["streams:read"]}
            assert (await auth.post("/api/v1/roles", json=role)).status_code == 201

            async def scopes() -> tuple[list[str], frozenset[str] | None]:
                principal = await platform.verifier.verify(await keys.access_token(made["key"]))
                return sorted(principal.permissions), principal.streams

            address = f"/api/v1/api-keys/{made['id']}"
            assert await scopes() == (["records:write"], None)
            await auth.request("PATCH", address, json={"role": "r"})
            assert await scopes() == (["streams:read"], None)
            await auth.request("PATCH", address, json={"streams": ["pumps"]})
            assert await scopes() == (["streams:read"], frozenset({"pumps"}))
            await auth.request("PUT", "/api/v1/roles/r", json={"permissions": ["models:promote"]})
            assert await scopes() == (["models:promote"], frozenset({"pumps"}))
            await auth.request("DELETE", address)
            with pytest.raises(Unauthenticated):
                await scopes()
