"""`replay`: what is asked for, the wait, and the result."""

from typing import Any

import pytest

SIDE = {
    "model_version": "pumps@3",
    "algorithm": None,
    "scored": 1000,
    "rejected": 1,
    "alerts": 7,
    "alerts_per_day": 3.5,
    "by_severity": {"critical": 1, "high": 2, "medium": 3, "low": 1},
    "by_entity": [{"entity": "p1", "alerts": 4}, {"entity": "p2", "alerts": 3}],
    "first_alert_time": "2026-11-01T10:00:00.000Z",
    "last_alert_time": "2026-11-02T10:00:00.000Z",
    "labels": None,
    "kept": 7,
}
BOTH = {"both": 5, "only_a": 2, "only_b": 1, "rank_correlation": 0.875, "sampled_rows": 1000}
REPLAY: dict[str, Any] = {
    "id": "r1", "stream": "pumps", "source": "lake", "state": "queued", "rows": 0, "progress": None,
    "result": None, "error": None,
}  # fmt: skip
DONE = REPLAY | {
    "state": "succeeded",
    "rows": 1000,
    "result": {"configurations": {"a": SIDE, "b": SIDE | {"model_version": "pumps@4"}}, "comparison": BOTH},
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.resources.jobs.POLL_SECONDS", 0.0)


def test_two_models_are_compared_in_one_table(command, server) -> None:
    server.on("POST /replays", REPLAY)
    server.on("GET /replays/r1", REPLAY | {"state": "running", "progress": 0.5}, DONE)
    found = command(
        "replay", "--stream", "pumps", "--from", "2026-11-01", "--model", "pumps@3", "--compare", "pumps@4"
    )
    assert server.seen[0].json == {
        "stream": "pumps",
        "source": "lake",
        "from": "2026-11-01",
        "configurations": [{"model": "pumps@3"}, {"model": "pumps@4"}],
    }
    assert found.out.startswith("replay of pumps: 1,000 records of the lake\n")
    assert "pumps@3" in found.out
    assert "pumps@4" in found.out
    assert "0.875" in found.out


def test_now_is_compared_by_a_configuration_that_says_nothing(command, server) -> None:
    server.on("POST /replays", DONE)
    command("replay", "--stream", "pumps", "--algorithm", "ewma", "--param", "size=2", "--compare", "now")
    asked = server.seen[0].json["configurations"]
    assert asked == [{"algorithm": "ewma", "parameters": {"size": 2}}, {}]


def test_labels_come_from_a_file_and_json_is_the_answer_of_the_server(command, server, tmp_path) -> None:
    path = tmp_path / "known.csv"
    path.write_text("time,label\n2026-11-01T10:00:00Z,1\n2026-11-01T10:01:00Z,0\n")
    server.on("POST /replays", DONE)
    assert command("replay", "--stream", "pumps", "--labels", path, "--json").json == DONE
    assert len(server.seen[0].json["labels"]) == 1


def test_a_replay_that_fails_is_an_error_with_its_reason(command, server) -> None:
    server.on("POST /replays", REPLAY | {"state": "failed", "error": "too long"})
    failed = command("replay", "--stream", "pumps")
    assert failed.code == 2
    assert "too long" in failed.err


def test_who_leaves_early_cancels_it(command, server, monkeypatch) -> None:
    def interrupted(_run: object, _seconds: float) -> None:
        raise KeyboardInterrupt

    server.on("POST /replays", REPLAY)
    server.on("POST /replays/r1/cancel", REPLAY | {"state": "cancelled"})
    monkeypatch.setattr("anomaly_detection.client.threads._Run._wait", interrupted)
    assert "cancelled the replay r1" in command("replay", "--stream", "pumps").err
    assert server.last.path == "/api/v1/replays/r1/cancel"


def test_the_help_has_examples(command) -> None:
    assert "Example: anomaly_detection replay" in command("replay", "--help").out


def test_without_a_stream_it_says_what_is_missing(command, server) -> None:
    refused = command("replay", "--model", "pumps@3")
    assert (refused.code, "--stream" in refused.err) == (2, True)
    assert server.seen == []


def test_after_a_replay_of_the_log_it_says_how_to_publish_it(command, server) -> None:
    server.on("POST /replays", DONE)
    assert "replay publish r1" in command("replay", "--stream", "pumps", "--source", "log").err
    assert "publish" not in command("replay", "--stream", "pumps").err
