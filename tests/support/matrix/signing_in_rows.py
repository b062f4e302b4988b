"""Rows of signing in: nobody needs a token for it, and who has a bad one gets no further by it."""

from collections.abc import Mapping
from typing import Any

from ad_auth.api.pages import CSRF_FIELD
from tests.support.matrix.row import Call, Row
from tests.support.matrix.world import PASSWORD, VICTIM, World
from tests.support.oauth import CALLBACK, challenge_of

ASKED = {
    "response_type": "code",
    "client_id": "cli",
    "redirect_uri": CALLBACK,
    "code_challenge": challenge_of("v" * 43),
    "code_challenge_method": "S256",
}
CSRF = "x" * 43
# A browser that was shown the page: cookie and field are the same.
COOKIE = {"Cookie": f"ad_csrf={CSRF}"}


async def nothing(_world: World) -> Call:
    return Call({})


async def somebody(world: World) -> dict[str, str]:
    """A user of the victim, as the pages and the grants want it."""
    name = world.new("person")
    await world.post("/users", {"username": name, "password": PASSWORD, "role": "viewer"})
    return {"tenant": VICTIM, "username": name, "password": PASSWORD}


async def a_login(world: World) -> Call:
    return Call({}, form={"grant_type": "password"} | await somebody(world))


async def a_refresh(world: World) -> Call:
    return Call({}, form={"refresh_token": await world.refresh_token()})


async def a_token(world: World) -> Call:
    return Call({}, form={"token": await world.refresh_token()})


async def a_request(_world: World) -> Call:
    return Call({}, query=ASKED)


async def a_sign_in(world: World) -> Call:
    return Call({}, form=ASKED | {CSRF_FIELD: CSRF} | await somebody(world), headers=COOKIE)


async def a_client(_world: World) -> Call:
    return Call({}, form={"client_id": "cli"})


async def a_decision(world: World) -> Call:
    answer = await world.doors["gateway"].post("/api/v1/auth/device", data={"client_id": "cli"})
    told: dict[str, Any] = answer.json()
    form = {"user_code": told["user_code"], CSRF_FIELD: CSRF, "decision": "approve"}
    return Call({}, form=form | await somebody(world), headers=COOKIE)


# What is not there when neither a provider nor a public address is set.
UNSET = Row(nothing, "apart", "apart", "anybody", good=frozenset({404}))
REDIRECTED = frozenset({303})
SIGNING_IN_ROWS: Mapping[str, Row] = {
    "POST /api/v1/auth/token": Row(a_login, "apart", "apart", "anybody"),
    "POST /api/v1/auth/refresh": Row(a_refresh, "apart", "apart", "anybody"),
    "POST /api/v1/auth/revoke": Row(a_token, "apart", "apart", "anybody"),
    "POST /api/v1/auth/introspect": Row(a_token, "apart", "shared"),
    "GET /api/v1/auth/jwks.json": Row(nothing, "apart", "apart", "anybody"),
    "GET /api/v1/auth/authorize": Row(a_request, "apart", "apart", "anybody"),
    "POST /api/v1/auth/authorize": Row(a_sign_in, "apart", "apart", "anybody", good=REDIRECTED),
    "POST /api/v1/auth/device": Row(a_client, "apart", "apart", "anybody"),
    "GET /api/v1/auth/device": Row(nothing, "apart", "apart", "anybody"),
    "POST /api/v1/auth/device/decision": Row(a_decision, "apart", "apart", "anybody"),
    "GET /api/v1/auth/external": UNSET,
    "GET /api/v1/auth/external/callback": UNSET,
    "GET /.well-known/oauth-authorization-server": UNSET,
}
