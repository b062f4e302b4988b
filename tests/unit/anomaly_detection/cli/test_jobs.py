"""`jobs`: start, wait, show, cancel."""

import uuid

import pytest

from tests.support.canned_server import Answer, problem

JOB = {
    "id": "j1",
    "status": "queued",
    "progress": 0.0,
    "phase": "queued",
    "rows": None,
    "model": "pumps",
    "version": None,
    "metrics": {},
    "error": None,
}
START = ("jobs", "start", "--model", "pumps", "--stream", "pumps")


def test_list_is_a_table_and_json(command, server) -> None:
    server.on("GET /train", {"items": [JOB], "next_cursor": None})
    assert command("jobs", "list").out.startswith("1 job\n")
    assert command("jobs", "list", "--json").json == {"items": [JOB]}


def test_ids_can_be_copied_at_80_columns(command, server, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    job = JOB | {
        "id": "0190f3c2-7d4e-7c1a-9f5b-3e2d1c0b9a87",
        "status": "running",
        "progress": 0.45,
        "model": "ec2_request_latency",
        "created_at": "2026-01-01T10:20:30.123456Z",
    }
    made = job | {"status": "succeeded", "version": 12}
    server.on("GET /train", {"items": [job, made], "next_cursor": None})
    shown = command("jobs", "list").out
    assert shown.count(job["id"]) == 2
    assert "running 45%" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "ec2_request_latency@12 " in shown
    monkeypatch.setenv("COLUMNS", "200")
    assert "2026-01-01 10:20:30 " in command("jobs", "list").out


def test_the_example_of_show_has_a_whole_id(command) -> None:
    found = command("jobs", "show", "--help").out
    example = next(line for line in found.splitlines() if "Example" in line)
    assert uuid.UUID(example.split()[-1]).version == 7


def test_a_share_that_cannot_be_is_refused_before_the_call(command, server) -> None:
    refused = command(*START, "--contamination", 3)
    assert refused.code == 2
    assert "contamination is 3.0; valid is" in refused.err
    assert not server.seen


def test_start_sends_what_was_asked_for_and_nothing_more(command, server) -> None:
    server.on("POST /train", Answer(JOB, 202))
    assert command(*START, "--json").json == JOB
    assert server.last.json == {
        "model": "pumps",
        "algorithm": "isolation_forest",
        "source": {"stream": "pumps"},
    }
    command(*START, "--contamination", 0.02, "--columns", "load,speed", "--param", "trees=20")
    body = server.last.json
    assert (body["contamination"], body["columns"]) == (0.02, ["load", "speed"])
    assert body["parameters"] == {"trees": 20}


def test_wait_stays_until_the_job_has_ended(command, server, monkeypatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.resources.jobs.POLL_SECONDS", 0.0)
    server.on("POST /train", Answer(JOB, 202))
    running = JOB | {"status": "running", "progress": 0.5}
    server.on("GET /train/j1", running, running, JOB | {"status": "succeeded", "progress": 1.0, "version": 3})
    done = command(*START, "--wait", "--json")
    assert done.code == 0
    assert done.json["version"] == 3
    assert len(server.seen) == 4


def test_wait_ends_with_the_command_that_promotes_what_was_made(command, server, monkeypatch) -> None:
    monkeypatch.setattr("anomaly_detection.client.resources.jobs.POLL_SECONDS", 0.0)
    server.on("POST /train", Answer(JOB, 202))
    server.on("GET /train/j1", JOB | {"status": "succeeded", "progress": 1.0, "version": 3})
    promote = "anomaly_detection models promote pumps --stream pumps --version 3"
    assert command(*START, "--wait").err == f"let it score the stream: {promote}\n"
    assert command(*START, "--wait", "--json").err == ""
    monkeypatch.delenv("ANOMALY_DETECTION_URL")
    elsewhere = command(*START, "--wait", "--server", server.url)
    assert elsewhere.err.endswith(f"{promote} --server {server.url}\n")


def test_a_job_that_failed_while_it_was_waited_for_is_exit_code_2_with_its_reason(
    command, server, monkeypatch
) -> None:
    monkeypatch.setattr("anomaly_detection.client.resources.jobs.POLL_SECONDS", 0.0)
    server.on("POST /train", Answer(JOB, 202))
    server.on("GET /train/j1", JOB | {"status": "failed", "error": "no record in the stream"})
    failed = command(*START, "--wait", "--json")
    assert failed.code == 2
    assert failed.json["status"] == "failed"
    assert failed.err == "error: job j1 failed: no record in the stream\n"


def test_leaving_while_waiting_says_that_the_job_goes_on(command, server, monkeypatch) -> None:
    def interrupted(_run: object, _seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("anomaly_detection.client.threads._Run._wait", interrupted)
    server.on("POST /train", Answer(JOB, 202))
    left = command(*START, "--wait")
    assert left.code == 130
    assert "the job goes on" in left.err


def test_show_and_cancel(command, server) -> None:
    server.on("GET /train/j1", JOB)
    server.on("POST /train/j1/cancel", JOB | {"status": "cancelled"})
    assert "queued" in command("jobs", "show", "j1").out
    assert command("jobs", "cancel", "j1", "--json").json["status"] == "cancelled"


def test_an_unknown_algorithm_is_the_word_of_the_server(command, server) -> None:
    server.on("POST /train", problem(422, "algorithm: 'magic' is unknown; the valid choices are lof, iqr"))
    refused = command(*START, "--algorithm", "magic")
    assert refused.code == 2
    assert "valid choices" in refused.err


@pytest.mark.parametrize("words", [(), ("list",), ("start",), ("show",), ("cancel",)], ids=" ".join)
def test_every_help_carries_an_example(command, words) -> None:
    assert "Example: anomaly_detection jobs" in command("jobs", *words, "--help").out
