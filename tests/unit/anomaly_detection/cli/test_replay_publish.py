"""`replay publish`: what is asked for, the wait, and what was corrected."""

from typing import Any

import pytest

PUBLICATION: dict[str, Any] = {
    "configuration": "b", "state": "running", "progress": 0.0, "anomalies": 0, "retracted": 0, "unchanged": 0,
    "error": None,
}  # fmt: skip
DONE = PUBLICATION | {"state": "succeeded", "anomalies": 1200, "retracted": 3, "unchanged": 40}


def of(publication: dict[str, Any]) -> dict[str, Any]:
    return {"id": "r1", "stream": "pumps", "publication": publication}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.resources.jobs.POLL_SECONDS", 0.0)


def test_it_is_followed_to_its_end_and_says_what_was_corrected(command, server) -> None:
    server.on("POST /replays/r1/publish", of(PUBLICATION))
    server.on("GET /replays/r1", of(PUBLICATION | {"progress": 0.5}), of(DONE))
    found = command("replay", "publish", "r1", "--configuration", "b")
    assert server.seen[0].json == {"configuration": "b"}
    assert found.err == "published 1200 anomalies, retracted 3; 40 stand as they were\n"
    assert found.code == 0


def test_json_is_the_publication(command, server) -> None:
    server.on("POST /replays/r1/publish", of(DONE))
    assert command("replay", "publish", "r1", "--json").json == DONE
    assert server.last.json == {"configuration": "a"}


def test_one_that_fails_is_an_error_with_its_reason(command, server) -> None:
    server.on("POST /replays/r1/publish", of(PUBLICATION | {"state": "failed", "error": "gone"}))
    failed = command("replay", "publish", "r1")
    assert (failed.code, "publication failed: gone" in failed.err) == (2, True)


def test_the_help_has_an_example(command) -> None:
    assert "Example: anomaly_detection replay publish" in command("replay", "publish", "--help").out
