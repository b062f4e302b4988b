"""Failures as one line."""

from typing import Annotated

import httpx2
import pytest

from ad_chassis.security import Principal, require
from ad_chassis.testing import FakeAuth, memory_platform
from anomaly_detection.client.problems import MISSING_PERMISSION, ServerError, raise_problem, unreachable


def answer(status, **content):
    return httpx2.Response(status, request=httpx2.Request("GET", "http://a/api/v1/x"), **content)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"detail": "no such stream"}, "no such stream"),
        ({"detail": "", "title": "Conflict"}, "Conflict"),
        ({"detail": "load: bad", "errors": [{"field": "load", "message": "bad"}]}, "load: bad"),
        ({"detail": "x", "errors": [{"field": "a", "message": "b"}]}, "x; a: b"),
        ({"detail": "a\nb\x1b[2J"}, "a b [2J"),
    ],
)
def test_the_detail_is_told_with_the_fields_that_it_does_not_name(given, line) -> None:
    with pytest.raises(ServerError) as caught:
        raise_problem(answer(422, json=given))
    assert str(caught.value) == line
    assert caught.value.status == 422


@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (401, "the API key is not known", "--api-key"),
        (403, "this needs the permission 'models:promote'; you have read", "with a role that has it"),
    ],
)
def test_a_refused_key_is_told_with_what_would_help(status, said, hint) -> None:
    with pytest.raises(ServerError, match=hint):
        raise_problem(answer(status, json={"detail": said}))


@pytest.mark.parametrize(
    "said",
    [
        "the quota 'streams' of your tenant is 50, and 50 are in use; delete a stream",
        "the tenant 'acme' is suspended; nothing was stored",
        "the code is wrong or was used already",
    ],
)
def test_who_is_refused_for_another_reason_is_not_sent_for_another_role(said) -> None:
    with pytest.raises(ServerError) as caught:
        raise_problem(answer(403, json={"detail": said}))
    assert str(caught.value) == said


async def test_a_missing_permission_is_told_as_the_services_say_it(tmp_path) -> None:
    auth = FakeAuth()
    async with memory_platform(tmp_path, auth) as platform:
        app = platform.app("zoo", platform.health())

        @app.get("/x")
        async def guarded(_principal: Annotated[Principal, require("streams:write")]) -> None: ...

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://zoo") as http:
            refused = await http.get("/x", headers=auth.headers(permissions=["streams:read"]))
    assert refused.status_code == 403
    assert refused.json()["detail"].startswith(MISSING_PERMISSION)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("no stream; GET /api/v1/streams lists those", "streams list"),
        ("no job; GET /api/v1/train lists those", "jobs list"),
        ("no model; GET /api/v1/models lists those", "models list"),
        ("no dead letter; GET /api/v1/rejected lists those there are", "dead-letters list"),
        ("no user; GET /api/v1/users lists those there are", "users list"),
        ("no key; GET /api/v1/api-keys lists those there are", "api-keys list"),
        ("there is no role 'x'; GET /api/v1/roles lists those there are", "roles list"),
        ("there is no permission 'x'; GET /api/v1/roles lists those there are", "roles permissions"),
        ("train one, or upload an artifact to /api/v1/models/m/versions", "models upload"),
    ],
)
def test_a_hint_for_callers_of_http_names_the_command_too(said, command) -> None:
    with pytest.raises(ServerError) as caught:
        raise_problem(answer(404, json={"detail": said}))
    assert str(caught.value) == f"{said} (command line: anomaly_detection {command})"


@pytest.mark.parametrize("content", [{"content": b"<html>"}, {"json": [1]}, {"json": {"detail": 1}}, {}])
def test_an_answer_that_is_no_problem_names_the_call(content) -> None:
    with pytest.raises(ServerError, match="GET /api/v1/x: answered 502 Bad Gateway"):
        raise_problem(answer(502, **content))


def test_a_good_answer_is_no_problem() -> None:
    raise_problem(answer(204))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx2.ConnectError("refused"), "cannot be reached"),
        (httpx2.ConnectTimeout(""), "cannot be reached"),
        (ConnectionRefusedError("refused"), "cannot be reached"),
        (httpx2.ReadTimeout("slow"), "did not answer in time"),
        (httpx2.ReadError(""), r"the connection broke \(ReadError\)"),
    ],
)
def test_no_answer_says_why_and_what_to_do(error, words) -> None:
    assert unreachable("http://a", error).status is None
    with pytest.raises(ServerError, match=words):
        raise unreachable("http://a", error)
