"""`api-keys`: list, add, change, rotate, remove."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.canned_server import Answer, problem

TEXT = "ad_prod_0123456789abcdef_" + "s" * 43
LOADER = {
    "id": "0123456789abcdef",
    "name": "loader",
    "role": None,
    "permissions": ["records:write"],
    "streams": ["pumps"],
    "created_by": "me",
    "created_at": "2026-01-01T00:00:00Z",
    "expires_at": None,
    "last_used_at": None,
    "old_secret_until": None,
}
ONE = f"/api-keys/{LOADER['id']}"


@pytest.fixture(autouse=True)
def keys(server) -> None:
    server.on("GET /api-keys", {"items": [LOADER], "next_cursor": None})
    server.on("POST /api-keys", Answer(LOADER | {"key": TEXT}, 201))
    server.on(f"PATCH {ONE}", LOADER)
    server.on(f"POST {ONE}/rotate", LOADER | {"key": TEXT})
    server.on(f"DELETE {ONE}", Answer(b"", 204))


def test_keys_are_listed_with_what_they_may_and_see(command) -> None:
    assert {"loader", LOADER["id"], "records:write", "pumps"} <= set(command("api-keys", "list").out.split())
    assert command("api-keys", "list", "--json").json == {"items": [LOADER]}


def test_a_new_key_is_shown_whole_on_a_line_of_its_own(command, server, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    added = command("api-keys", "add", "loader", "--allow", "records:write", "--stream", "pumps")
    assert TEXT in added.out.splitlines()
    assert server.last.json == {"name": "loader", "permissions": ["records:write"], "streams": ["pumps"]}
    rotated = command("api-keys", "rotate", "loader", "--overlap-hours", "0.5")
    assert TEXT in rotated.out.splitlines()
    assert server.last.json == {"overlap_seconds": 1800}
    assert command("api-keys", "rotate", LOADER["id"], "--json").json["key"] == TEXT
    assert server.last.json == {"overlap_seconds": 86400}


@pytest.mark.parametrize("words", [("add", "loader", "--role", "viewer"), ("change", "loader")])
def test_a_stream_that_does_not_exist_is_told(command, server, words) -> None:
    server.on("GET /streams/pumps", {"name": "pumps"})
    told = command("api-keys", *words, "--stream", "pumps", "--stream", "pmups")
    assert (told.code, told.err.count("there is no stream"), told.err.count("'pmups'")) == (0, 1, 1)
    assert server.last.json["streams"] == ["pumps", "pmups"]


def test_who_sees_no_streams_is_told_nothing_of_them(command, server) -> None:
    server.on("GET /streams/pumps", problem(403, "this needs the permission 'streams:read'"))
    told = command("api-keys", "add", "loader", "--role", "viewer", "--stream", "pumps")
    assert (told.code, told.err) == (0, "")


def test_a_key_ends_after_days(command, server) -> None:
    command("api-keys", "add", "loader", "--role", "viewer", "--days", "90")
    left = datetime.fromisoformat(server.last.json["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89.9) < left <= timedelta(days=90)


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (("--name", "feeder"), {"name": "feeder"}),
        (("--role", "viewer"), {"role": "viewer"}),
        (("--allow", "read", "--allow", "models:promote"), {"permissions": ["read", "models:promote"]}),
        (("--all-streams",), {"streams": None}),
        (("--forever",), {"expires_at": None}),
    ],
)
def test_only_what_is_named_is_changed(command, server, arguments, body) -> None:
    assert command("api-keys", "change", "loader", *arguments, "--json").json == LOADER
    assert server.last.json == body


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "x"), "say what the key may do"),
        (("add", "x", "--role", "viewer", "--allow", "read"), "give one of them"),
        (("change", "loader"), "nothing to change"),
        (("change", "loader", "--days", "1", "--forever"), "give one of them"),
        (("rotate", "other"), "no 'other' among the API keys"),
    ],
)
def test_what_cannot_be_is_one_line(command, arguments, words) -> None:
    refused = command("api-keys", *arguments)
    assert (refused.code, words in refused.err, refused.err.count("\n")) == (2, True, 1)


def test_of_two_keys_of_one_name_the_id_says_which(command, server) -> None:
    other = LOADER | {"id": "fedcba9876543210"}
    server.on("GET /api-keys", {"items": [LOADER, other], "next_cursor": None})
    refused = command("api-keys", "remove", "loader", "--yes")
    assert (refused.code, other["id"] in refused.err) == (2, True)
    gone = command("api-keys", "remove", LOADER["id"], "--yes")
    assert (gone.code, gone.err) == (0, "the API key loader is gone\n")
