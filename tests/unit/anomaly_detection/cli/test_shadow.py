"""`models shadow`, `unshadow` and `compare`."""

import pytest

from tests.support.canned_server import problem

THREE = {"model": "pumps", "version": 3}
FOUR = {"model": "pumps", "version": 4}
BEFORE = {"stream": "line-1", "revision": 7, "model": "pumps", "version": 2, "challengers": [THREE]}
PAIR = {
    "champion": "pumps@2",
    "challenger": "pumps@3",
    "rows": 1000,
    "champion_alerts": 12,
    "challenger_alerts": 9,
    "both": 8,
    "only_champion": 4,
    "only_challenger": 1,
    "kappa": 0.7589,
    "jaccard": 0.61538,
    "rank_correlation": 0.91,
    "champion_drift": None,
    "challenger_drift": 0.31,
}
REPORT = {
    "stream": "line-1",
    "from": "2026-01-31T00:00:00Z",
    "to": "2026-02-01T00:00:00Z",
    "items": [PAIR, PAIR | {"champion": "adaptive", "challenger": "pumps@4"}],
}


@pytest.fixture
def deployment(server):
    server.on("GET /deployments/line-1", BEFORE)
    return server


def test_shadow_adds_to_the_challengers_that_it_read(command, deployment) -> None:
    deployment.on(
        "PUT /deployments/line-1/challengers", BEFORE | {"revision": 8, "challengers": [THREE, FOUR]}
    )
    done = command("models", "shadow", "line-1", "pumps@4")
    assert deployment.last.json == {"challengers": [THREE, FOUR]}
    assert deployment.last.headers["if-match"] == '"7"'
    assert "pumps@3, pumps@4" in done.out
    assert "pumps@2" in done.out


def test_what_is_in_the_shadow_already_stays_as_it_is(command, deployment) -> None:
    deployment.on("PUT /deployments/line-1/challengers", BEFORE)
    assert command("models", "shadow", "line-1", "pumps@3", "--json").json == BEFORE
    assert deployment.last.json == {"challengers": [THREE]}


def test_unshadow_takes_out_one_version(command, deployment) -> None:
    after = BEFORE | {"challengers": [], "model": None, "version": None}
    deployment.on("PUT /deployments/line-1/challengers", after)
    done = command("models", "unshadow", "line-1", "pumps@3")
    assert deployment.last.json == {"challengers": []}
    assert "the streaming detector" in done.out


def test_a_version_that_is_no_challenger_is_said_with_those_that_are(command, deployment) -> None:
    refused = command("models", "unshadow", "line-1", "pumps@4")
    assert refused.code == 2
    assert "pumps@4 is no challenger on line-1; in its shadow: pumps@3" in refused.err
    assert deployment.last.method == "GET"


@pytest.mark.parametrize("text", ["pumps", "pumps@", "@3", "pumps@new"])
def test_a_version_is_named_in_full(command, server, text) -> None:
    refused = command("models", "shadow", "line-1", text)
    assert refused.code == 2
    assert "name it as pumps@4" in refused.err
    assert not server.seen


def test_a_change_that_came_between_is_not_overwritten(command, deployment) -> None:
    deployment.on("PUT /deployments/line-1/challengers", problem(412, "the deployment is at revision 8"))
    refused = command("models", "shadow", "line-1", "pumps@4")
    assert (refused.code, refused.err) == (2, "error: the deployment is at revision 8\n")


def test_compare_shows_a_column_for_each_challenger(command, server) -> None:
    server.on("GET /streams/line-1/comparison", REPORT)
    lines = command("models", "compare", "line-1").out.splitlines()
    assert "2026-01-31 00:00:00 to 2026-02-01 00:00:00 UTC" in lines[0]
    shown = {
        words[0]: words[1:]
        for words in ([w.strip() for w in line.split("│")[1:-1]] for line in lines if "│" in line)
    }
    assert shown["champion"] == ["pumps@2", "adaptive"]
    assert shown["only champion"] == ["4", "4"]
    assert shown["challenger drift"] == ["0.31", "0.31"]
    assert server.last.query == {}


def test_compare_asks_for_the_hours_that_are_named_and_says_when_there_is_nothing(command, server) -> None:
    server.on("GET /streams/line-1/comparison", REPORT | {"items": []})
    hours = ("--from", "2026-01-31T12:00Z", "--to", "2026-01-31T13:00Z")
    assert command("models", "compare", "line-1", *hours, "--json").json == REPORT | {"items": []}
    assert server.last.query == {"from": ["2026-01-31T12:00Z"], "to": ["2026-01-31T13:00Z"]}
    assert "no comparisons on line-1" in command("models", "compare", "line-1").out


def test_the_list_of_models_says_what_stands_in_the_shadow(command, server) -> None:
    summary = {"name": "pumps", "latest_version": 3, "versions": 3, "algorithm": "isolation_forest"}
    server.on("GET /models", {"items": [summary], "next_cursor": None})
    server.on("GET /deployments", {"items": [BEFORE], "next_cursor": None})
    shown = " ".join(command("models", "list").out.split())
    assert "line-1 (version 2)" in shown
    assert "in the shadow" in shown


@pytest.mark.parametrize("word", ["shadow", "unshadow", "compare"])
def test_every_help_carries_an_example(command, word) -> None:
    assert f"Example: anomaly_detection models {word}" in command("models", word, "--help").out
