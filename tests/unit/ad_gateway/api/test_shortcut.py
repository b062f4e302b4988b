"""What services own goes past the routes of the framework, and fails as it would there."""

import httpx2
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ad_chassis.errors import PlatformError, TooManyRequests
from ad_chassis.http.problems import install_problems
from ad_gateway.api.proxy import METHODS
from ad_gateway.api.shortcut import Shortcut

OWNED = "/api/v1/models"
FAILURES = [TooManyRequests("too fast", retry_after_seconds=3), HTTPException(408, "too slow")]


async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("proxy")(scope, receive, send)


async def framework(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("framework")(scope, receive, send)


async def asked(app: FastAPI | Starlette, method: str, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
        return await http.request(method, path)


def application(shortcut: bool, failure: PlatformError | HTTPException) -> FastAPI:
    async def fail(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise failure

    around = [Middleware(Shortcut, proxy=fail)] if shortcut else []
    app = FastAPI(middleware=around, routes=[] if shortcut else [Route("/{_path:path}", Failing(fail))])
    install_problems(app)
    return app


class Failing:
    """An endpoint that is plain ASGI, as the proxy is where it stands among the routes."""

    def __init__(self, app: object) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert callable(self._app)
        await self._app(scope, receive, send)


@pytest.mark.parametrize("failure", FAILURES, ids=["platform", "http"])
async def test_a_problem_is_the_same_as_among_the_routes(failure: PlatformError | HTTPException) -> None:
    past = await asked(application(True, failure), "GET", OWNED)
    among = await asked(application(False, failure), "GET", OWNED)
    assert past.json()["detail"] in {"too fast", "too slow"}
    assert (past.status_code, past.headers, past.content) == (among.status_code, among.headers, among.content)


@pytest.mark.parametrize("method", METHODS)
async def test_what_a_service_owns_goes_to_the_proxy(method: str) -> None:
    assert (await asked(around(), method, OWNED)).text == "proxy"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/nothing"),
        ("POST", "/api/v1/ws/tickets"),
        ("GET", "/api/v1/anomalies/stream"),
        ("OPTIONS", OWNED),
        ("TRACE", OWNED),
    ],
)
async def test_everything_else_goes_to_the_framework(method: str, path: str) -> None:
    assert (await asked(around(), method, path)).text == "framework"


async def test_a_head_goes_to_the_framework() -> None:
    answer = await asked(around(), "HEAD", OWNED)
    assert answer.headers["content-length"] == str(len("framework"))


def around() -> Starlette:
    """A shortcut around an application that says of every path that it got it."""
    app = Starlette(middleware=[Middleware(Shortcut, proxy=proxy)])
    app.mount("/", framework)
    return app
