"""`anomalies`: list and follow."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.canned_server import KEY, Close, problem

ANOMALY = {
    "id": "a1",
    "stream": "pumps",
    "entity": "p\x1b[31m7",
    "event_time": "2026-01-01T00:00:00Z",
    "score": 0.75,
    "probability": 0.001,
    "severity": "high",
    "value": {"load": 9.0, "speed": 1.0},
    "expected": {"load": 1.0, "speed": 1.0},
    "contributions": {"load": 3.0, "speed": -0.5},
}


def arrived(number: int, **fields) -> dict:
    return {"type": "anomaly", "cursor": f"c{number}", "anomaly": ANOMALY | {"id": f"a{number}"} | fields}


def test_list_is_a_table_with_the_reasons(command, server) -> None:
    server.on("GET /anomalies", {"items": [ANOMALY], "next_cursor": None})
    shown = command("anomalies", "list", "--stream", "pumps", "--severity", "high", "--limit", 5)
    assert "load=9 (normal 1)" in shown.out
    assert "1,000" in shown.out
    assert "\x1b" not in shown.out
    assert server.last.query == {"stream": ["pumps"], "severity": ["high"], "limit": ["5"]}
    assert command("anomalies", "list", "--json").json == {"items": [ANOMALY]}


def test_list_leaves_out_what_says_nothing(command, server) -> None:
    named = ANOMALY | {"entity": None, "algorithm": "adaptive"}
    server.on("GET /anomalies", {"items": [named], "next_cursor": None}, {"items": [], "next_cursor": None})
    shown = command("anomalies", "list", "--stream", "pumps").out
    assert shown.startswith("1 anomaly of pumps\n")
    assert "entity" not in shown
    assert "2026-01-01 00:00:00 " in shown
    assert "load=9 (closest usual 1)" in shown
    assert command("anomalies", "list", "--stream", "pumps").out == "no anomalies of pumps\n"


EPISODE = {
    "id": "a1",
    "stream": "pumps",
    "entity": "p\x1b[31m7",
    "kind": "record",
    "start_time": "2026-01-01T00:00:00Z",
    "end_time": "2026-01-01T00:09:00Z",
    "anomalies": 12,
    "peak": {
        "anomaly_id": "a5",
        "time": "2026-01-01T00:04:00Z",
        "score": 0.75,
        "probability": 0.001,
        "severity": "high",
    },
}


def test_episodes_are_a_table_with_start_end_and_peak(command, server) -> None:
    server.on("GET /episodes", {"items": [EPISODE], "next_cursor": None})
    shown = command("anomalies", "episodes", "--stream", "pumps", "--kind", "record", "--severity", "low").out
    for said in ("1 episode of pumps", "2026-01-01 00:00:00", "00:09:00", "00:04:00", "12", "1,000", "high"):
        assert said in shown
    assert "\x1b" not in shown
    assert server.last.query == {
        "stream": ["pumps"], "kind": ["record"], "severity": ["low"], "limit": ["20"]
    }  # fmt: skip
    assert command("anomalies", "episodes", "--json").json == {"items": [EPISODE]}


def test_what_was_superseded_is_shown_when_asked_and_says_so(command, server) -> None:
    said = {"superseded": {"superseded_by": "a2"}, "retracted": {"supersedes": "a0", "retracted": True}}
    said |= {"corrected": {"supersedes": "a0"}}
    items = [ANOMALY | fields for fields in said.values()]
    server.on("GET /anomalies", {"items": items, "next_cursor": None})
    shown = command("anomalies", "list", "--superseded").out
    assert server.last.query == {"superseded": ["true"], "limit": ["20"]}
    for word in said:
        assert f"{word}: load=9 (normal 1)" in shown
    server.on("GET /episodes", {"items": [EPISODE], "next_cursor": None})
    command("anomalies", "episodes", "--superseded")
    assert server.last.query == {"superseded": ["true"], "limit": ["20"]}


def test_the_anomalies_of_an_episode_are_listed(command, server) -> None:
    server.on("GET /anomalies", {"items": [ANOMALY], "next_cursor": None})
    command("anomalies", "list", "--episode", "a1", "--kind", "silence")
    assert server.last.query == {"episode": ["a1"], "kind": ["silence"], "limit": ["20"]}


def test_follow_says_when_it_has_begun_and_how_it_ends(command, server) -> None:
    server.connections = [[{"type": "ready", "cursor": "c0"}, arrived(1)]]
    shown = command("anomalies", "follow", "--limit", 1)
    assert shown.err == "following the anomalies of all streams (Ctrl-C ends)\n"


def test_follow_refuses_a_stream_that_does_not_exist_at_once(command, server) -> None:
    server.on("GET /streams/pumps", {"name": "pumps"})
    server.on("GET /streams/pumsp", problem(404, "there is no stream 'pumsp'"))
    refused = command("anomalies", "follow", "--stream", "pumps", "--stream", "pumsp")
    assert (refused.code, refused.err) == (2, "error: there is no stream 'pumsp'\n")
    assert [seen.method for seen in server.seen] == ["GET", "GET"]


def test_follow_goes_without_who_knows_the_streams(command, server) -> None:
    server.on("GET /streams/pumps", problem(503, "ingestion is away"))
    server.connections = [[arrived(1)]]
    assert command("anomalies", "follow", "--stream", "pumps", "--limit", 1).code == 0


def test_follow_shows_one_line_for_each(command, server) -> None:
    server.connections = [[{"type": "ready", "cursor": "c0"}, arrived(1), arrived(2)]]
    shown = command("anomalies", "follow", "--limit", 2)
    assert shown.code == 0
    assert shown.out.count("\n") == 2
    assert "0.7500  1,000  high  load=9 (normal 1)" in shown.out
    assert "\x1b" not in shown.out


def test_follow_as_json_is_one_object_per_line_under_the_filters(command, server) -> None:
    for stream in ("pumps", "fans"):
        server.on(f"GET /streams/{stream}", {"name": stream})
    server.connections = [[arrived(1), arrived(2)]]
    filters = ("--stream", "pumps", "--stream", "fans", "--severity", "high", "--entity", "p7")
    shown = command("anomalies", "follow", *filters, "--limit", 2, "--json")
    assert [json.loads(line)["id"] for line in shown.out.splitlines()] == ["a1", "a2"]
    assert server.last.query == {"stream": ["pumps", "fans"], "severity": ["high"], "entity": ["p7"]}
    assert server.last.headers["authorization"] == f"Bearer {KEY}"


def test_follow_goes_on_where_it_was_cut(command, server, monkeypatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.feed.FIRST_WAIT_SECONDS", 0.0)
    server.connections = [[arrived(1), Close(1012, "restarting")], [arrived(2)]]
    shown = command("anomalies", "follow", "--limit", 2, "--json")
    assert [json.loads(line)["id"] for line in shown.out.splitlines()] == ["a1", "a2"]
    assert server.last.query["after"] == ["c1"]
    assert "restarting; connecting again" in shown.err


def test_a_wrong_filter_is_one_line(command, server) -> None:
    server.connections = [[Close(4400, "severity is 'huge'; it must be one of low, medium, high, critical")]]
    refused = command("anomalies", "follow", "--severity", "huge")
    assert refused.code == 2
    assert refused.err.startswith("error: severity is 'huge'")
    server.on("GET /anomalies", problem(422, "severity: wrong"))
    assert command("anomalies", "list", "--severity", "huge").code == 2


def test_ctrl_c_ends_follow_without_a_traceback(server) -> None:
    server.connections = [[arrived(1)]]
    command = [sys.executable, "-c", "from anomaly_detection.cli.main import run; run()"]
    with subprocess.Popen(
        [*command, "anomalies", "follow", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == "a1"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert "Traceback" not in process.stderr.read()


@pytest.mark.parametrize("words", [(), ("list",), ("follow",)], ids=" ".join)
def test_every_help_carries_an_example(command, words) -> None:
    assert "Example: anomaly_detection anomalies" in command("anomalies", *words, "--help").out
