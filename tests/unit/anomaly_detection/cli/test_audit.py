"""`audit`: list, head, export, verify."""

import json

import pytest

from ad_contracts.audit_chain import NOTHING, Head, entry_hash
from tests.support.canned_server import problem


def chain(length: int) -> list[dict]:
    made: list[dict] = []
    for seq in range(1, length + 1):
        entry = {
            "tenant": "default",
            "seq": seq,
            "id": f"e{seq}",
            "at_ms": 1767225600000,
            "subject": "0f",
            "action": "create user",
            "resource": "1a",
            "outcome": "allowed",
            "address": "192.0.2.7",
            "service": "auth",
            "request_id": None,
            "details": {"role": "é"},
            "previous_hash": made[-1]["hash"] if made else NOTHING,
        }
        made.append(entry | {"hash": entry_hash(entry)})
    return made


@pytest.fixture
def entries(server):
    """What the server has; a test may change it."""
    made = chain(4)
    server.on("GET /audit", {"items": made, "next_cursor": None})
    server.on("GET /audit/head", {"head": f"4:{made[3]['hash']}", "seq": 4, "hash": made[3]["hash"]})
    return made


def test_the_newest_entries_are_listed(command, server, entries) -> None:
    told = command("audit", "list", "--outcome", "allowed", "--from", "2026-01-01T00:00:00Z", "--limit", "5")
    assert {"0f", "create", "1a", "192.0.2.7", "2026-01-01"} <= set(told.out.split())
    assert server.last.query == {"outcome": ["allowed"], "from": ["2026-01-01T00:00:00Z"], "limit": ["5"]}
    assert command("audit", "list", "--json").json == {"items": entries}


def test_people_are_shown_names_and_reasons(command, entries) -> None:
    entries[3]["details"] = {"subject_name": "ann", "reason": "wrong password"}
    told = command("audit", "list").out
    assert "ann" in told
    assert "wrong password" in told


def test_a_whole_log_is_verified_and_its_head_told(command, server, entries) -> None:
    told = command("audit", "verify", "--head", f"2:{entries[1]['hash']}")
    assert (told.code, told.out) == (
        0,
        f"the audit log is whole: 4 entries, head {Head(4, entries[3]['hash'])}\n",
    )
    assert server.last.query == {"order": ["oldest"], "limit": ["1000"]}
    assert command("audit", "head").out == f"4:{entries[3]['hash']}\n"


def test_pages_are_followed(command, server) -> None:
    made = chain(4)
    pages = [
        {"items": made[:3], "next_cursor": "x"},
        {"items": made[3:], "next_cursor": None},
    ]
    server.on("GET /audit", *pages)
    server.on("GET /audit/head", {"head": "", "seq": 4, "hash": made[3]["hash"]})
    assert command("audit", "verify").code == 0
    assert server.last.query["cursor"] == ["x"]


@pytest.mark.parametrize(
    ("tamper", "seq"),
    [
        (lambda made: made[1].update(subject="mallory"), 2),
        (lambda made: made.pop(1), 2),
        (lambda made: made.pop(), 4),
    ],
)
def test_a_log_that_is_not_whole_ends_with_1_and_the_first_bad_entry(command, entries, tamper, seq) -> None:
    tamper(entries)
    told = command("audit", "verify")
    assert told.code == 1
    assert told.err.startswith(f"error: the audit log is not whole: entry {seq}: ")


def test_a_log_that_cannot_be_read_ends_with_2(command, server) -> None:
    server.on("GET /audit/head", problem(403, "no"))
    assert command("audit", "verify").code == 2
    assert "is not a head" in command("audit", "verify", "--head", "x").err


def test_an_export_is_checked_without_a_server(command, entries, tmp_path) -> None:
    file = tmp_path / "audit.ndjson"
    assert command("audit", "export", "--output", file).code == 0
    assert [json.loads(line) for line in file.read_text().splitlines()] == entries
    assert command("audit", "export").out == file.read_text()
    kept = f"4:{entries[3]['hash']}"
    offline = ("audit", "verify", "--server", "http://127.0.0.1:1", "--file", file)
    assert command(*offline, "--head", kept).code == 0
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:3]))
    assert "entry 4: missing" in command(*offline, "--head", kept).err


@pytest.mark.parametrize("content", ["garbage", "[1]", None])
def test_a_file_that_is_no_export_is_told(command, tmp_path, content) -> None:
    file = tmp_path / "audit.ndjson"
    if content is not None:
        file.write_text(content)
    told = command("audit", "verify", "--file", file)
    assert (told.code, str(file) in told.err) == (2, True)
