"""`roles`: list, permissions, show, add, change, remove."""

from tests.support.canned_server import Answer, problem

FEEDER = {
    "name": "feeder",
    "built_in": False,
    "permissions": ["records:write"],
    "allows": ["records:write"],
}
PAGE = {"items": [FEEDER], "permissions": {"records:write": "Send records"}, "next_cursor": None}


def test_roles_and_permissions_are_listed(command, server) -> None:
    server.on("GET /roles", PAGE)
    assert {"feeder", "records:write", "no"} <= set(command("roles", "list").out.split())
    assert command("roles", "list", "--json").json == {"items": [FEEDER]}
    assert "Send records" in command("roles", "permissions").out
    assert command("roles", "permissions", "--json").json == {"records:write": "Send records"}


def test_a_role_is_shown_made_changed_and_removed(command, server) -> None:
    server.on("GET /roles/feeder", FEEDER)
    server.on("POST /roles", Answer(FEEDER, 201))
    server.on("PUT /roles/feeder", FEEDER)
    server.on("DELETE /roles/feeder", Answer(b"", 204))
    assert "records:write" in command("roles", "show", "feeder").out
    allow = ("--allow", "records:write", "--allow", "streams:read")
    assert command("roles", "add", "feeder", *allow, "--json").json == FEEDER
    assert server.last.json == {"name": "feeder", "permissions": ["records:write", "streams:read"]}
    assert command("roles", "change", "feeder", "--allow", "read").code == 0
    assert server.last.json == {"permissions": ["read"]}
    gone = command("roles", "remove", "feeder", "--yes")
    assert (gone.code, gone.err) == (0, "the role feeder is gone\n")


def test_what_is_refused_is_one_line(command, server) -> None:
    server.on("POST /roles", problem(403, "you can neither give nor change permissions that …"))
    refused = command("roles", "add", "x", "--allow", "write")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "neither give nor change" in refused.err
    assert command("roles", "add", "x").code == 2
