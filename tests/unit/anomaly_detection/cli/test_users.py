"""`users`: list, add, change, remove."""

import io

import pytest

from tests.support.canned_server import Answer

ANN = {
    "id": "0f",
    "username": "ann",
    "role": "analyst",
    "streams": ["pumps"],
    "suspended_at": None,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-01-01T00:00:00Z",
}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


@pytest.fixture(autouse=True)
def users(server) -> None:
    server.on("GET /users", {"items": [ANN], "next_cursor": None})
    server.on("POST /users", Answer(ANN, 201))
    server.on("PATCH /users/0f", ANN)
    server.on("DELETE /users/0f", Answer(b"", 204))


def test_users_are_listed_with_what_they_may_and_see(command) -> None:
    assert {"ann", "0f", "analyst", "pumps", "no"} <= set(command("users", "list").out.split())
    assert command("users", "list", "--json").json == {"items": [ANN]}


def test_the_password_comes_from_the_input_and_from_no_option(command, server, typed) -> None:
    typed("correct horse battery\n")
    added = command("users", "add", "ann", "--role", "analyst", "--stream", "pumps", "--stream", "mills")
    assert (added.code, "correct horse" in added.out + added.err) == (0, False)
    assert server.last.json == {
        "username": "ann",
        "password": "correct horse battery",
        "role": "analyst",
        "streams": ["pumps", "mills"],
    }
    typed("")
    assert "no password" in command("users", "add", "ann", "--role", "analyst").err
    assert command("users", "add", "ann", "--role", "analyst", "--password", "x").code == 2


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (("--role", "viewer"), {"role": "viewer"}),
        (("--stream", "mills"), {"streams": ["mills"]}),
        (("--all-streams",), {"streams": None}),
        (("--suspend",), {"suspended": True}),
        (("--admit",), {"suspended": False}),
        (("--password",), {"password": "another horse battery"}),
    ],
)
@pytest.mark.parametrize("who", ["ann", "0f"])
def test_only_what_is_named_is_changed(command, server, typed, who, arguments, body) -> None:
    typed("another horse battery\n")
    assert command("users", "change", who, *arguments, "--json").json == ANN
    assert server.last.json == body


@pytest.mark.parametrize("words", [("add", "ann", "--role", "viewer"), ("change", "ann")])
def test_a_stream_that_does_not_exist_is_told_and_the_user_is_bound_to_it_all_the_same(
    command, server, typed, words
) -> None:
    server.on("GET /streams/pumps", {"name": "pumps"})
    typed("correct horse battery\n")
    told = command("users", *words, "--stream", "pumps", "--stream", "pmups")
    assert (told.code, told.err.count("there is no stream"), told.err.count("'pmups'")) == (0, 1, 1)
    assert server.last.json["streams"] == ["pumps", "pmups"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("change", "ann"), "nothing to change"),
        (("change", "ann", "--stream", "a", "--all-streams"), "give one of them"),
        (("change", "bob", "--suspend"), "no 'bob' among the users"),
        (("remove", "bob", "--yes"), "no 'bob' among the users"),
    ],
)
def test_what_cannot_be_is_one_line(command, arguments, words) -> None:
    refused = command("users", *arguments)
    assert (refused.code, words in refused.err, refused.err.count("\n")) == (2, True, 1)


def test_a_user_is_removed_by_name(command, server) -> None:
    gone = command("users", "remove", "ann", "--yes")
    assert (gone.code, gone.err) == (0, "the user ann is gone\n")
    assert (server.last.method, server.last.path) == ("DELETE", "/api/v1/users/0f")
