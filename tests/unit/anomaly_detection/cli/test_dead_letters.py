"""`dead-letters`: list, summary, show, replay, purge."""

import base64

import pytest

from tests.support.canned_server import Answer, problem

LETTER = {
    "id": "b/7",
    "stream": "pumps",
    "time": "2026-01-01T00:00:00.000Z",
    "reason": "field 'load': \x1b[2J is no number",
    "state": "open",
    "raw": "{}",
    "headers": [{"name": "ce_id", "value": "e1", "encoding": "utf-8"}],
}
REPLAY = "POST /rejected/replay"


def page(replayed=0, failed=0, remaining=0, cursor=None, dry_run=False):
    failures = [
        {"id": f"b/{n}", "stream": "pumps", "field": "load", "reason": "no number"} for n in range(failed)
    ]
    return {
        "dry_run": dry_run, "replayed": replayed, "failed": failed, "failures": failures,
        "remaining": remaining, "next_cursor": cursor,
    }  # fmt: skip


def tried(**changes):
    return {"id": "b/7", "stream": "pumps", "passes": True, "reason": None, "dry_run": False} | changes


def test_list_asks_for_what_is_named(command, server) -> None:
    server.on("GET /rejected", {"items": [LETTER], "next_cursor": None})
    words = ("--stream", "pumps", "--reason", "no number", "--state", "open", "--from", "2026-01-01")
    assert command("dead-letters", "list", *words, "--json").json == {"items": [LETTER]}
    assert server.last.query == {
        "stream": ["pumps"], "reason": ["no number"], "state": ["open"], "from": ["2026-01-01"], "limit": ["20"],
    }  # fmt: skip
    shown = command("dead-letters", "list").out
    assert shown.startswith("1 dead letter\n")
    assert "b/7" in shown
    assert "\x1b" not in shown


def test_summary_is_a_table_of_kinds(command, server) -> None:
    item = {
        "stream": "pumps", "reason": "… is no number", "count": 12, "open": 9, "example": "b/7",
        "first": "2026-01-01T00:00:00.000Z", "last": "2026-01-02T00:00:00.000Z",
    }  # fmt: skip
    server.on("GET /rejected/summary", {"items": [item]})
    shown = command("dead-letters", "summary", "--field", "load").out
    assert shown.startswith("1 kind of reason\n")
    assert all(word in shown for word in ("12", "9", "b/7", "… is no number"))
    assert server.last.query == {"field": ["load"]}
    assert command("dead-letters", "summary", "--json").json == {"items": [item]}


def test_show_has_the_headers(command, server) -> None:
    server.on("GET /rejected/b/7", LETTER)
    shown = command("dead-letters", "show", "b/7").out
    assert "ce_id=e1" in shown
    assert command("dead-letters", "show", "b/7", "--json").json == LETTER


def test_an_id_leads_nowhere_else(command, server) -> None:
    assert command("dead-letters", "show", "../streams").code == 2
    assert not server.seen


def test_replay_goes_on_until_all_were_looked_at(command, server) -> None:
    server.on(REPLAY, page(2, 1, 3, "7"), page(3, 0, 0))
    done = command("dead-letters", "replay", "--stream", "pumps", "--json").json
    assert (done["replayed"], done["failed"], len(done["failures"])) == (5, 1, 1)
    bodies = [seen.json for seen in server.seen]
    assert bodies[0] == {"stream": "pumps", "dry_run": False, "force": False}
    assert bodies[1] == bodies[0] | {"cursor": "7"}


def test_replay_does_not_run_after_what_fails_again_and_again(command, server) -> None:
    server.on(REPLAY, page(2, 0, 1, "7"), page(1, 0, 1, "8"))
    assert command("dead-letters", "replay", "--all", "--json").json["replayed"] == 3
    assert len(server.seen) == 2


def test_replay_tells_people_what_stays_and_why(command, server) -> None:
    server.on(REPLAY, page(4, 1, dry_run=True))
    shown = command("dead-letters", "replay", "--all", "--dry-run", "--force")
    assert "would replay 4 dead letters" in shown.err
    assert "1 would be rejected again" in shown.out
    assert "no number" in shown.out
    assert server.last.json == {"dry_run": True, "force": True}


def test_one_is_replayed_with_a_correction(command, server, tmp_path) -> None:
    path = tmp_path / "fixed.json"
    path.write_bytes(b'{"load": 1}\xff')
    server.on("POST /rejected/b/7/replay", tried())
    done = command("dead-letters", "replay", "b/7", "--input", path, "--into", "pumps")
    assert "replayed b/7 to pumps" in done.err
    sent = server.last.json
    assert base64.b64decode(sent.pop("raw")) == path.read_bytes()
    assert sent == {"raw_encoding": "base64", "stream": "pumps", "dry_run": False, "force": False}
    assert command("dead-letters", "replay", "b/7", "--json").json == tried()
    server.on("POST /rejected/b/8/replay", tried(id="b/8", passes=False, reason="no number", dry_run=True))
    assert (
        "b/8 would be rejected again: no number" in command("dead-letters", "replay", "b/8", "--dry-run").err
    )


def test_a_second_replay_is_refused_with_the_words_of_the_server(command, server) -> None:
    server.on("POST /rejected/b/7/replay", problem(409, "was replayed already"))
    refused = command("dead-letters", "replay", "b/7")
    assert (refused.code, refused.err) == (2, "error: was replayed already\n")


@pytest.mark.parametrize("verb", ["replay", "purge"])
@pytest.mark.parametrize(
    "words", [(), ("b/7", "--stream", "x"), ("b/7", "--all"), ("--all", "--stream", "x")]
)
def test_what_is_meant_must_be_said_in_one_way(command, server, verb, words) -> None:
    refused = command("dead-letters", verb, *words)
    assert (refused.code, "either an ID" in refused.err) == (2, True)
    assert not server.seen


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--all", "--into", "x"), "name its ID"), (("b/7", "--input", "none.json"), "none.json")],
)
def test_a_correction_that_cannot_be_is_one_line(command, server, words, said) -> None:
    refused = command("dead-letters", "replay", *words)
    assert (refused.code, said in refused.err) == (2, True)
    assert not server.seen


def test_purge_says_how_many(command, server) -> None:
    server.on("DELETE /rejected", {"purged": 3, "dry_run": True}, {"purged": 4, "dry_run": False})
    assert "purged 4 dead letters" in command("dead-letters", "purge", "--stream", "pumps").err
    assert server.last.query == {"stream": ["pumps"], "everything": ["false"], "dry_run": ["false"]}
    server.on("DELETE /rejected/b/7", Answer(b"", 204))
    assert command("dead-letters", "purge", "b/7", "--json").json == {"purged": 1, "dry_run": False}


def test_a_dry_run_of_a_purge_only_counts(command, server) -> None:
    server.on("DELETE /rejected", {"purged": 3, "dry_run": True})
    assert "would purge 3 dead letters" in command("dead-letters", "purge", "--all", "--dry-run").err
    assert [seen.query["dry_run"] for seen in server.seen] == [["true"]]
    assert "would purge 1 dead letter" in command("dead-letters", "purge", "b/7", "--dry-run").err
    assert len(server.seen) == 1


def test_purge_goes_on_only_after_a_yes_of_who_is_there(command, server, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked = []

    def confirm(text, **_):
        asked.append(text)
        raise SystemExit(1)

    monkeypatch.setattr("typer.confirm", confirm)
    server.on("DELETE /rejected", {"purged": 3, "dry_run": True})
    assert command("dead-letters", "purge", "--stream", "pumps").code == 1
    assert asked == ["purge 3 dead letters?"]
    assert [seen.query["dry_run"] for seen in server.seen] == [["true"]]
    assert command("dead-letters", "purge", "--stream", "pumps", "--yes").code == 0


@pytest.mark.parametrize(
    "words", [(), ("list",), ("summary",), ("show",), ("replay",), ("purge",)], ids=" ".join
)
def test_every_help_carries_an_example(command, words) -> None:
    assert "Example: anomaly_detection dead-letters" in command("dead-letters", *words, "--help").out
