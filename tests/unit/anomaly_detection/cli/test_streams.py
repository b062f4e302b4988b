"""`streams`: create, show, send, rejected, delete."""

import json

import polars as pl
import pytest

from ad_data.body import read_body
from tests.support.canned_server import KEY, Answer, problem

PUMPS = {
    "name": "pumps",
    "schema": {"fields": [{"name": "load", "type": "float", "required": True}], "entity": "pump"},
    "settings": {"publish_scores": False},
    "topic": "records.default",
    "revision": 2,
    "created_at": "2026-01-01T00:00:00Z",
    "counts": {"accepted": 12, "rejected": 1},
}
RECORDS = "POST /streams/pumps/records"


def taken(accepted, rejected=0, rejections=(), batch="b"):
    answer = {
        "batch_id": batch,
        "accepted": accepted,
        "rejected": rejected,
        "rejections": list(rejections),
    }
    return Answer(answer, 202)


def test_list_is_a_table_for_people_and_all_pages_for_programs(command, server) -> None:
    other = PUMPS | {"name": "fans"}
    server.on(
        "GET /streams",
        {"items": [PUMPS], "next_cursor": "c"},
        {"items": [other], "next_cursor": None},
        {"items": [PUMPS], "next_cursor": None},
    )
    found = command("streams", "list", "--json")
    assert found.code == 0
    assert [item["name"] for item in found.json["items"]] == ["pumps", "fans"]
    assert server.last.query["cursor"] == ["c"]
    assert server.last.headers["authorization"] == f"Bearer {KEY}"
    table = command("streams", "list")
    assert table.out.startswith("1 stream\n")
    assert "pumps" in table.out
    assert "12" in table.out


def test_show_has_the_fields(command, server) -> None:
    server.on("GET /streams/pumps", PUMPS)
    assert command("streams", "show", "pumps", "--json").json == PUMPS
    shown = command("streams", "show", "pumps").out
    assert "load" in shown
    assert "accepted=12" in shown


def test_create_without_a_schema_names_entity_and_timestamp(command, server) -> None:
    server.on("POST /streams", Answer(PUMPS | {"schema": None}, 201))
    done = command("streams", "create", "pumps", "--entity", "pump", "--timestamp", "at", "--publish-scores")
    assert done.code == 0
    assert "inferred" in done.err
    assert server.last.json == {
        "name": "pumps",
        "entity": "pump",
        "timestamp": "at",
        "settings": {"publish_scores": True},
    }


def test_create_chooses_the_streaming_detector_and_its_parameters(command, server) -> None:
    server.on("POST /streams", Answer(PUMPS, 201))
    words = ("--algorithm", "adaptive", "--param", "size=light", "--param", "warm_up=64")
    assert command("streams", "create", "pumps", *words).code == 0
    assert server.last.json["settings"] == {
        "algorithm": "adaptive",
        "parameters": {"size": "light", "warm_up": 64},
    }


def test_create_limits_the_entities(command, server) -> None:
    server.on("POST /streams", Answer(PUMPS, 201))
    assert command("streams", "create", "pumps", "--max-entities", "500").code == 0
    assert server.last.json["settings"] == {"max_entities": 500}


def test_create_says_how_late_a_record_may_be_and_when_silence_is_an_anomaly(command, server) -> None:
    server.on("POST /streams", Answer(PUMPS, 201))
    limits = ("--allowed-lateness-seconds", "0", "--silence-seconds", "90")
    assert command("streams", "create", "pumps", *limits).code == 0
    assert server.last.json["settings"] == {"allowed_lateness_seconds": 0.0, "silence_seconds": 90.0}


def test_change_sends_what_is_named_and_nothing_more(command, server) -> None:
    server.on("PATCH /streams/pumps", PUMPS)
    changed = command(
        "streams", "change", "pumps", "--silence-seconds", 600, "--no-publish-scores", "--param", "size=light",
        "--unset", "allowed_lateness_seconds", "--alert-probability", 0.001, "--json",
    )  # fmt: skip
    assert changed.json == PUMPS
    assert server.last.json == {
        "settings": {
            "alert_probability": 0.001,
            "silence_seconds": 600.0,
            "publish_scores": False,
            "parameters": {"size": "light"},
            "allowed_lateness_seconds": None,
        }
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to change"),
        (("--silence-seconds", 5, "--unset", "silence_seconds"), "either a value or --unset"),
        (("--unset", "algorithm"), "choose one of alert_probability"),
    ],
)
def test_change_says_what_is_wrong_before_it_asks_anybody(command, server, words, said) -> None:
    refused = command("streams", "change", "pumps", *words)
    assert refused.code == 2
    assert said in refused.err


def test_create_with_a_schema_file_puts_the_entity_into_it(command, server, tmp_path) -> None:
    server.on("POST /streams", Answer(PUMPS, 201))
    path = tmp_path / "schema.json"
    path.write_text('[{"name": "load", "type": "float"}, {"name": "pump", "type": "string"}]')
    assert command("streams", "create", "pumps", "--schema", path, "--entity", "pump").code == 0
    schema = server.last.json["schema"]
    assert schema["entity"] == "pump"
    assert [field["name"] for field in schema["fields"]] == ["load", "pump"]


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not JSON"), ("{}", "a schema is"), (None, "no such file")]
)
def test_a_wrong_schema_file_is_one_line(command, server, tmp_path, text, words) -> None:
    path = tmp_path / "schema.json"
    if text is not None:
        path.write_text(text)
    refused = command("streams", "create", "pumps", "--schema", path)
    assert refused.code == 2
    assert words in refused.err
    assert refused.err.count("\n") == 1
    assert not server.seen


def test_send_goes_in_bodies_and_adds_up_what_became_of_them(command, server, csv) -> None:
    reason = {"row": 3, "field": "load", "reason": "is no number"}
    server.on(RECORDS, taken(200), taken(99, 1, [reason]))
    sent = command("streams", "send", "pumps", "--input", csv, "--batch-rows", 200, "--json").json
    assert (sent["rows"], sent["accepted"], sent["rejected"]) == (300, 299, 1)
    assert sent["rejections"] == [{**reason, "row": 203}]
    heads = {seen.body.splitlines()[0] for seen in server.seen}
    assert heads == {csv.read_bytes().splitlines()[0]}
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 2


def test_send_tells_people_the_first_reasons(command, server, csv) -> None:
    server.on(RECORDS, taken(299, 1, [{"row": 3, "field": "load", "reason": "is no number"}]))
    shown = command("streams", "send", "pumps", "--input", csv)
    assert shown.code == 0
    assert "is no number" in shown.out
    assert "streams rejected pumps" in shown.err


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet", "arrow"])
def test_every_form_arrives_as_the_same_records(command, server, table, tmp_path, form) -> None:
    server.on(RECORDS, taken(120), taken(120), taken(60))
    path = tmp_path / f"data.{form}"
    write = {"arrow": table.write_ipc}.get(form) or getattr(table, f"write_{form}")
    write(path)
    assert command("streams", "send", "pumps", "--input", path, "--batch-rows", 120, "--json").code == 0
    frames = [read_body(seen.body, seen.headers["content-type"]).frame for seen in server.seen]
    arrived = pl.concat(frames)
    assert [frame.height for frame in frames] == [120, 120, 60]
    assert arrived["load"].to_list() == table["load"].to_list()
    assert arrived["timestamp"].cast(pl.String).str.slice(11, 5).to_list()[:61:60] == ["00:00", "01:00"]


def test_a_body_whose_way_was_cut_is_sent_again_under_the_same_key(command, server, csv, monkeypatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.retrying.FIRST_WAIT_SECONDS", 0.0)
    server.on(RECORDS, problem(503, "busy"), problem(429, "slowly"), taken(300))
    assert command("streams", "send", "pumps", "--input", csv, "--json").json["accepted"] == 300
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1
    assert len(server.seen) == 3


def test_a_send_that_stops_half_way_says_where(command, server, csv) -> None:
    server.on(RECORDS, taken(200), problem(413, "the body is too large"))
    stopped = command("streams", "send", "pumps", "--input", csv, "--batch-rows", 200)
    assert stopped.code == 2
    assert stopped.err == ("error: stopped at row 200 (200 accepted, 0 rejected): the body is too large\n")


def test_rejected_records_are_shown_without_control_characters(command, server) -> None:
    item = {"time": "2026-01-01T00:00:00Z", "field": "load", "reason": "is no number", "raw": "\x1b[2Jabc"}
    server.on("GET /streams/pumps/rejected", {"items": [item], "next_cursor": "more"})
    shown = command("streams", "rejected", "pumps", "--limit", 1)
    assert "[2Jabc" in shown.out
    assert "\x1b" not in shown.out
    assert command("streams", "rejected", "pumps", "--limit", 1, "--json").json == {"items": [item]}


def test_what_is_empty_is_said_in_one_line_without_a_table(command, server) -> None:
    server.on("GET /streams", {"items": [], "next_cursor": None})
    server.on("GET /streams/pumps/rejected", {"items": [], "next_cursor": None})
    assert command("streams", "list").out == "no streams\n"
    assert command("streams", "rejected", "pumps").out == "no rejected records of pumps\n"


def test_the_title_of_a_narrow_table_is_one_line(command, server, csv) -> None:
    server.on(RECORDS, taken(300))
    assert command("streams", "send", "pumps", "--input", csv).out.startswith("data.csv to pumps\n")


def test_an_unknown_stream_names_the_command_that_lists_them(command, server) -> None:
    said = "there is no stream 'x'; GET /api/v1/streams lists those that exist"
    server.on("GET /streams/x", problem(404, said))
    assert command("streams", "show", "x").err == (
        f"error: {said} (command line: anomaly_detection streams list)\n"
    )


def test_delete_asks_nobody_in_a_script(command, server) -> None:
    server.on("DELETE /streams/pumps", Answer(b"", 204))
    assert command("streams", "delete", "pumps").code == 0
    assert server.last.method == "DELETE"
    assert command("streams", "delete", "pumps", "--json").json == {"name": "pumps", "deleted": True}


def test_delete_goes_on_only_after_a_yes_of_who_is_there(command, server, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, **_: (_ for _ in ()).throw(SystemExit(1)))
    assert command("streams", "delete", "pumps").code == 1
    assert not server.seen


def test_the_problem_of_the_server_is_one_line_with_its_fields(command, server) -> None:
    errors = [{"field": "name", "message": "must begin with a letter"}]
    server.on("POST /streams", problem(422, "wrong\nname", errors=errors))
    refused = command("streams", "create", "9")
    assert refused.code == 2
    assert refused.err == "error: wrong name; name: must begin with a letter\n"


def test_the_administrators_key_of_the_data_folder_is_used(command, server, keys, monkeypatch) -> None:
    monkeypatch.delenv("ANOMALY_DETECTION_API_KEY")
    server.on("GET /streams", {"items": [], "next_cursor": None})
    missing = command("streams", "list")
    assert missing.code == 2
    assert "--api-key" in missing.err
    keys.parent.mkdir(parents=True, exist_ok=True)
    (keys.parent / "admin.key").write_text("ad_one_two\n")
    assert command("streams", "list").code == 0
    assert server.last.headers["authorization"] == "Bearer ad_one_two"


@pytest.mark.parametrize(
    "words", [(), ("list",), ("show",), ("create",), ("send",), ("rejected",), ("delete",)], ids=" ".join
)
def test_every_help_carries_an_example(command, words) -> None:
    assert "Example: anomaly_detection streams" in command("streams", *words, "--help").out


def test_nobody_at_the_address_is_one_line(command, monkeypatch) -> None:
    refused = command("streams", "list", "--server", "http://127.0.0.1:9", "--api-key", KEY)
    assert refused.code == 2
    assert "http://127.0.0.1:9 cannot be reached" in refused.err
    assert refused.err.count("\n") == 1
    assert KEY not in refused.err
    assert json.dumps(KEY) not in refused.out


def test_entities_are_listed_by_what_is_known_of_them(command, server) -> None:
    item = {"entity": "pump-9", "state": "evicted", "records": 2, "first_time": "2026-01-01T00:00:00Z"}
    item["last_time"] = "2026-01-02T00:00:00Z"
    server.on("GET /streams/pumps/entities", *3 * [{"items": [item], "next_cursor": None}])
    found = command("streams", "entities", "pumps", "--state", "evicted", "--limit", 7, "--json")
    assert found.json == {"items": [item]}
    assert server.last.query["state"] == ["evicted"]
    table = command("streams", "entities", "pumps", "--state", "evicted")
    assert table.out.startswith("1 evicted entity of pumps\n")
    assert "pump-9" in table.out
    command("streams", "entities", "pumps")
    assert server.last.query["state"] == ["cold"]


def test_a_state_that_entities_cannot_have_is_refused(command) -> None:
    refused = command("streams", "entities", "pumps", "--state", "warm")
    assert refused.code == 2
    assert "evicted" in refused.err
