"""Every failure is a problem (RFC 9457) that names what was wrong."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx2
import pytest
import structlog
from fastapi import APIRouter, FastAPI, Query, Response
from pydantic import Field, SecretStr

from ad_chassis.errors import ERROR_OF_STATUS, PlatformError, SettingsError, TooManyRequests, Unprocessable
from ad_chassis.health import Health
from ad_chassis.http import Body, create_app
from ad_chassis.metrics import Metrics

LIMIT = 2_000


class Order(Body):
    name: str
    amount: int = Field(gt=0)


class Secret(Body):
    secret: Annotated[SecretStr, Field(min_length=2, max_length=8)]


class Answer(Body):
    amount: int


def application() -> FastAPI:
    app = create_app("shop", "1", metrics=Metrics("shop"), health=Health("1"), max_body_bytes=LIMIT)
    router = APIRouter(prefix="/api/v1")

    @router.post("/orders", status_code=201)
    async def create_order(order: Order, limit: Annotated[int, Query(ge=1)] = 1) -> Order:
        return order

    @router.get("/raise/{status}")
    async def raise_status(status: int) -> None:
        raise ERROR_OF_STATUS[status]("what was wrong")

    @router.get("/unexpected")
    async def fail_unexpectedly() -> None:
        raise RuntimeError("the password is hunter2")

    @router.get("/broken-answer")
    async def answer_wrongly() -> Answer:
        return Answer.model_construct(amount="many")

    @router.get("/settings")
    async def lack_settings() -> None:
        raise SettingsError("AUTH_URL is not set")

    @router.get("/busy")
    async def be_busy() -> Response:
        raise TooManyRequests("slow down", retry_after_seconds=7)

    @router.get("/fields")
    async def reject_fields() -> Response:
        raise Unprocessable("wrong", errors=[{"field": "data.0.f1", "message": "not a number"}])

    @router.post("/secrets", status_code=204)
    async def keep_secret(body: Secret) -> None:
        """Looks at it."""

    app.include_router(router)
    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop/api/v1") as client:
        yield client


def problem(response: httpx2.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    content: dict[str, Any] = response.json()
    assert content["status"] == status
    assert content["type"] == "about:blank"
    assert content["title"]
    assert content["detail"]
    assert content["instance"] == response.request.url.path
    assert content["request_id"] == response.headers["x-request-id"]
    return content


async def test_a_good_request_passes(client: httpx2.AsyncClient) -> None:
    response = await client.post("/orders", json={"name": "a", "amount": 1})
    assert response.status_code == 201


async def test_an_unknown_address_is_404(client: httpx2.AsyncClient) -> None:
    assert "openapi.json" in str(problem(await client.get("/nowhere"), 404)["detail"])


async def test_a_wrong_method_is_405_and_the_right_ones_are_named(client: httpx2.AsyncClient) -> None:
    response = await client.put("/orders", json={})
    problem(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize("body", [b'{"name": "a", "amount":', b"{name}", b"\xff\xfe", b'{"amount": 1}}'])
async def test_malformed_json_is_400(client: httpx2.AsyncClient, body: bytes) -> None:
    problem(await client.post("/orders", content=body, headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("media_type", ["text/csv", "application/xml", "application/octet-stream", None])
async def test_a_wrong_content_type_is_415(client: httpx2.AsyncClient, media_type: str | None) -> None:
    headers = {"content-type": media_type} if media_type else {}
    response = await client.post("/orders", content=b'{"name": "a", "amount": 1}', headers=headers)
    assert "application/json" in str(problem(response, 415)["detail"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "a", "amount": 0}, "amount"),
        ({"name": "a", "amount": "x"}, "amount"),
        ({"amount": 1}, "name"),
        ({"name": "a", "amount": 1, "colour": "red"}, "colour"),
        ([], "body"),
    ],
)
async def test_a_wrong_field_is_422_and_named(client: httpx2.AsyncClient, body: object, field: str) -> None:
    content = problem(await client.post("/orders", json=body), 422)
    assert field in [entry["field"] for entry in content["errors"]]
    assert field in str(content["detail"])


@pytest.mark.parametrize(("secret", "said"), [("x", "at least 2"), ("x" * 9, "at most 8")])
async def test_how_long_a_secret_must_be_is_said_in_characters_and_the_secret_is_not(
    client: httpx2.AsyncClient, secret: str, said: str
) -> None:
    content = problem(await client.post("/secrets", json={"secret": secret}), 422)
    assert content["detail"] == f"secret: its length in characters must be {said}"


async def test_a_missing_body_and_a_wrong_parameter_are_422(client: httpx2.AsyncClient) -> None:
    missing = problem(await client.post("/orders"), 422)
    assert missing["detail"] == "body: there is none; send a JSON object"
    content = problem(await client.post("/orders?limit=0", json={"name": "a", "amount": 1}), 422)
    assert content["errors"] == [{"field": "limit", "message": "Input should be greater than or equal to 1"}]


async def test_a_body_that_announces_too_much_is_413(client: httpx2.AsyncClient) -> None:
    response = await client.post(
        "/orders", content=b"x" * (LIMIT + 1), headers={"content-type": "text/plain"}
    )
    assert str(LIMIT) in str(problem(response, 413)["detail"])


async def test_a_body_that_grows_too_large_without_a_length_is_413(client: httpx2.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 100

    headers = {"content-type": "application/json"}
    problem(await client.post("/orders", content=endless(), headers=headers), 413)
    assert sent <= LIMIT / 100 + 1


@pytest.mark.parametrize("status", sorted(ERROR_OF_STATUS))
async def test_every_error_of_the_platform_has_its_status(client: httpx2.AsyncClient, status: int) -> None:
    response = await client.get(f"/raise/{status}") if status != 429 else await client.get("/busy")
    content = problem(response, status)
    assert content["detail"] in ("what was wrong", "slow down")
    assert content["title"] == ERROR_OF_STATUS[status].title
    assert ("www-authenticate" in response.headers) == (status == 401)


async def test_too_many_requests_say_when_to_come_back(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/busy")).headers["retry-after"] == "7"


async def test_fields_that_a_use_case_rejects_are_listed(client: httpx2.AsyncClient) -> None:
    content = problem(await client.get("/fields"), 422)
    assert content["errors"] == [{"field": "data.0.f1", "message": "not a number"}]


@pytest.mark.parametrize("path", ["/unexpected", "/broken-answer", "/settings"])
async def test_an_unexpected_error_is_500_and_tells_nothing(client: httpx2.AsyncClient, path: str) -> None:
    with structlog.testing.capture_logs() as logs:
        response = await client.get(path)
    problem(response, 500)
    for secret in ("hunter2", "RuntimeError", "AUTH_URL"):
        assert secret not in response.text
    assert [line["log_level"] for line in logs if "failed" in line["event"]] in (["error"], ["warning"])


def test_every_error_says_its_status_and_its_outcome() -> None:
    for status, error in ERROR_OF_STATUS.items():
        assert issubclass(error, PlatformError)
        assert error.status == status
        assert error.outcome in ("answer", "retry")
