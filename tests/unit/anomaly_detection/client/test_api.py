"""Calls: answers, pages, tries, and paths that lead nowhere else."""

import pytest

from anomaly_detection.client import api as api_module
from anomaly_detection.client.address import Address
from anomaly_detection.client.api import Api, segment
from anomaly_detection.client.problems import ServerError
from tests.support.canned_server import KEY, Answer, problem


def test_pages_are_read_until_the_last_or_the_limit(server, address) -> None:
    server.on("GET /x", {"items": [1, 2], "next_cursor": "a"}, {"items": [3], "next_cursor": None})
    with Api(address) as api:
        assert api.pages("/x", {"stream": "s"}) == [1, 2, 3]
    assert server.last.query == {"stream": ["s"], "limit": ["1000"], "cursor": ["a"]}
    server.on("GET /x", {"items": [1, 2], "next_cursor": "a"})
    with Api(address) as api:
        assert api.pages("/x", {}, 2) == [1, 2]
    assert server.last.query == {"limit": ["2"]}


@pytest.mark.parametrize("content", [{"things": []}, [1]])
def test_an_answer_that_is_no_list_is_refused(server, address, content) -> None:
    server.on("GET /x", content)
    with Api(address) as api, pytest.raises(ServerError, match="list of items"):
        api.pages("/x", {})


def test_a_page_of_somebody_else_is_refused(server, address) -> None:
    server.on("GET /x", Answer(b"<html>hello</html>", media_type="text/html"))
    with Api(address) as api, pytest.raises(ServerError, match="something else than JSON"):
        api.call("GET", "/x")


def test_a_refusal_is_not_tried_again(server, address) -> None:
    server.on("POST /x", problem(422, "wrong"))
    with Api(address) as api, pytest.raises(ServerError, match="wrong"):
        api.send("/x", b"", "text/csv", "k")
    assert len(server.seen) == 1


def test_tries_end(server, address, monkeypatch) -> None:
    monkeypatch.setattr(api_module, "FIRST_WAIT_SECONDS", 0.0)
    server.on("POST /x", problem(503, "no log"))
    with Api(address) as api, pytest.raises(ServerError, match="no log"):
        api.send("/x", b"", "text/csv", "k")
    assert len(server.seen) == api_module.TRIES


def test_a_redirect_is_not_followed_with_the_key(server, address) -> None:
    server.on("GET /x", Answer(b"", 307))
    with Api(address) as api, pytest.raises(ServerError, match="307"):
        api.call("GET", "/x")


def test_silence_and_nobody_are_told_apart() -> None:
    with (
        Api(Address("http://127.0.0.1:9", KEY)) as api,
        pytest.raises(ServerError, match="cannot be reached"),
    ):
        api.call("GET", "/x")


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_is_a_path_is_refused(name) -> None:
    with pytest.raises(ServerError, match="not a name"):
        segment(name)


def test_a_name_stays_one_part_of_the_path(server, address) -> None:
    with Api(address) as api, pytest.raises(ServerError, match="nothing at"):
        api.call("GET", f"/streams/{segment('a/../../x?y')}")
    assert server.last.query == {}
