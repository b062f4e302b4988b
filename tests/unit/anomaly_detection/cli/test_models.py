"""`models`: list, show, upload, download, promote, roll back."""

import hashlib

import pytest

from tests.support.canned_server import Answer, problem

VERSION = {
    "name": "pumps",
    "version": 3,
    "algorithm": "isolation_forest",
    "features": ["load"],
    "parameters": {"trees": 100},
    "metrics": {},
    "artifact_sha256": hashlib.sha256(b"PK artifact").hexdigest(),
    "size_bytes": 11,
    "registered_at": "2026-01-01T00:00:00Z",
}
DEPLOYMENT = {"stream": "pumps", "revision": 4, "model": "pumps", "version": 3, "previous_version": "pumps@2"}


def test_list_says_which_streams_a_model_scores(command, server) -> None:
    summary = {"name": "pumps", "latest_version": 3, "versions": 3, "algorithm": "isolation_forest"}
    server.on("GET /models", {"items": [summary], "next_cursor": None})
    server.on("GET /deployments", {"items": [DEPLOYMENT], "next_cursor": None})
    assert "pumps (version 3)" in command("models", "list").out
    found = command("models", "list", "--json").json
    assert found == {"items": [summary], "deployments": [DEPLOYMENT]}


def test_show_has_the_versions(command, server) -> None:
    server.on("GET /models/pumps", {"name": "pumps", "versions": [VERSION]})
    assert "trees=100" in command("models", "show", "pumps").out
    assert command("models", "show", "pumps", "--json").json["versions"] == [VERSION]


def test_tables_break_no_words_at_80_columns(command, server, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "ec2_request_latency"
    version = VERSION | {"parameters": {"trees": 100, "sample_size": 256, "seed": 0}, "features": ["value"]}
    server.on("GET /models/pumps", {"name": name, "versions": [version]})
    summary = {"name": name, "latest_version": 3, "versions": 3, "algorithm": "isolation_forest"}
    server.on("GET /models", {"items": [summary], "next_cursor": None})
    server.on("GET /deployments", {"items": [DEPLOYMENT | {"model": name, "stream": name}]})
    words = set(command("models", "show", "pumps").out.split())
    assert {"version", "isolation_forest:", "sample_size=256,", "value", "2026-01-01"} <= words
    words = set(command("models", "list").out.split())
    assert {name, "latest", "isolation_forest", "(version"} <= words


def test_upload_sends_the_file_as_it_is(command, server, tmp_path) -> None:
    server.on("POST /models/pumps/versions", Answer(VERSION, 201))
    path = tmp_path / "m.adm"
    path.write_bytes(b"PK artifact")
    assert command("models", "upload", "pumps", "--model", path, "--json").json == VERSION
    assert server.last.body == b"PK artifact"
    assert server.last.headers["content-type"] == "application/zip"
    assert "isolation_forest" in command("models", "upload", "pumps", "--model", path).out


def test_what_the_registry_refuses_is_one_line(command, server, tmp_path) -> None:
    server.on("POST /models/pumps/versions", problem(422, "the artifact is not signed by a trusted key"))
    path = tmp_path / "m.adm"
    path.write_bytes(b"x")
    refused = command("models", "upload", "pumps", "--model", path)
    assert (refused.code, refused.err) == (2, "error: the artifact is not signed by a trusted key\n")
    missing = command("models", "upload", "pumps", "--model", tmp_path / "no.adm")
    assert missing.code == 2
    assert "no such model file" in missing.err


@pytest.mark.parametrize("asked", [(), ("--version", "3")])
def test_download_writes_the_artifact_of_the_latest_or_a_named_version(
    command, server, tmp_path, asked
) -> None:
    server.on("GET /models/pumps", {"name": "pumps", "versions": [VERSION | {"version": 2}, VERSION]})
    server.on("GET /models/pumps/versions/3", VERSION)
    server.on("GET /models/pumps/versions/3/artifact", Answer(b"PK artifact", media_type="application/zip"))
    target = tmp_path / "m.adm"
    done = command("models", "download", "pumps", *asked, "--output", target, "--json")
    assert done.json["version"] == 3
    assert target.read_bytes() == b"PK artifact"


def test_a_damaged_download_leaves_no_file(command, server, tmp_path) -> None:
    server.on("GET /models/pumps/versions/3", VERSION)
    server.on("GET /models/pumps/versions/3/artifact", Answer(b"PK artefact", media_type="application/zip"))
    folder = tmp_path / "models"
    folder.mkdir()
    refused = command("models", "download", "pumps", "--version", 3, "--output", folder / "m.adm")
    assert refused.code == 2
    assert "not the registered artifact" in refused.err
    assert not list(folder.iterdir())


def test_a_download_into_nowhere_is_refused_before_the_call(command, server, tmp_path) -> None:
    refused = command("models", "download", "pumps", "--output", tmp_path / "no" / "m.adm")
    assert refused.code == 2
    assert "does not exist" in refused.err
    assert not server.seen


def test_promote_names_the_version_only_when_asked(command, server) -> None:
    server.on("POST /models/pumps/promote", DEPLOYMENT)
    assert "pumps@2" in command("models", "promote", "pumps", "--stream", "pumps").out
    assert server.last.json == {"stream": "pumps"}
    done = command("models", "promote", "pumps", "--stream", "pumps", "--version", 3, "--json")
    assert done.json == DEPLOYMENT
    assert server.last.json == {"stream": "pumps", "version": 3}


def test_a_rollback_to_no_model_says_what_scores_now(command, server) -> None:
    server.on("POST /models/pumps/rollback", DEPLOYMENT | {"model": None, "version": None})
    done = command("models", "rollback", "pumps", "--stream", "pumps")
    assert done.code == 0
    assert "the streaming detector" in done.out


@pytest.mark.parametrize(
    "words", [(), ("list",), ("show",), ("upload",), ("download",), ("promote",), ("rollback",)], ids=" ".join
)
def test_every_help_carries_an_example(command, words) -> None:
    assert "Example: anomaly_detection models" in command("models", *words, "--help").out
