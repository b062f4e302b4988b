"""Failures as one line."""

import httpx2
import pytest

from anomaly_detection.client.problems import ServerError, raise_problem, unreachable


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


@pytest.mark.parametrize(("status", "hint"), [(401, "--api-key"), (403, "role")])
def test_a_refused_key_is_told_with_what_would_help(status, hint) -> None:
    with pytest.raises(ServerError, match=hint):
        raise_problem(answer(status, json={"detail": "no"}))


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("no stream; GET /api/v1/streams lists those", "streams list"),
        ("no job; GET /api/v1/train lists those", "jobs list"),
        ("no model; GET /api/v1/models lists those", "models list"),
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
