"""`tenants`: list, create, show, suspend, admit, quota."""

import pytest

from tests.support.canned_server import Answer, problem

ACME = {
    "tenant": "acme",
    "created_at": "2026-01-02T03:04:05Z",
    "suspended_at": None,
    "quotas": {"streams": 20},
}


def test_tenants_are_listed_and_shown(command, server) -> None:
    server.on("GET /tenants", {"items": [ACME], "next_cursor": None})
    server.on("GET /tenants/acme", ACME)
    shown = command("tenants", "list").out
    assert {"acme", "no", "streams=20"} <= set(shown.split())
    assert command("tenants", "list", "--json").json == {"items": [ACME]}
    assert command("tenants", "show", "acme", "--json").json == ACME
    assert "streams=20" in command("tenants", "show", "acme").out


def test_a_tenant_is_made_with_quotas_and_its_key_is_shown(command, server) -> None:
    server.on("POST /tenants", Answer({**ACME, "key": "ad_test_1_secret"}, 201))
    made = command("tenants", "create", "acme", "--streams", "20", "--entities", "5", "--storage-bytes", "9")
    assert server.last.json == {"name": "acme", "quotas": {"streams": 20, "entities": 5, "storage_bytes": 9}}
    assert "ad_test_1_secret" in made.out


def test_a_tenant_is_suspended_and_admitted(command, server) -> None:
    server.on("PATCH /tenants/acme", ACME)
    assert command("tenants", "suspend", "acme").code == 0
    assert server.last.json == {"suspended": True}
    assert command("tenants", "admit", "acme").code == 0
    assert server.last.json == {"suspended": False}


def test_quotas_are_set_and_unset(command, server) -> None:
    server.on("PATCH /tenants/acme", ACME)
    assert command("tenants", "quota", "acme", "--jobs", "2", "--unset", "records-per-second").code == 0
    assert server.last.json == {"quotas": {"jobs": 2, "records_per_second": None}}
    assert command("tenants", "quota", "acme", "--entities", "7", "--unset", "jobs").code == 0
    assert server.last.json == {"quotas": {"entities": 7, "jobs": None}}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing to change"),
        (("--unset", "users"), "choose one of streams, entities, records_per_second, storage_bytes, jobs"),
        (("--jobs", "1", "--unset", "jobs"), "either a value or --unset"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_sent(command, server, options, said) -> None:
    refused = command("tenants", "quota", "acme", *options)
    assert (refused.code, said in refused.err) == (2, True)


def test_without_the_key_of_the_services_the_refusal_is_one_line(command, server) -> None:
    server.on("GET /tenants", problem(403, "this needs the permission 'tenants:read'"))
    refused = command("tenants", "list")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
