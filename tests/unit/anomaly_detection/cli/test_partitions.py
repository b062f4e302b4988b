"""`streams partitions`."""

from tests.support.canned_server import problem

HOT = {
    "partition": 4,
    "records": 9000,
    "rate_per_second": 120.5,
    "share": 0.75,
    "entities": 40,
    "busiest": [{"entity": f"pump-{number}", "share": 0.5 / number} for number in range(1, 6)],
    "updated_at": "2026-01-31T12:00:00Z",
    "stale": False,
}
QUIET = HOT | {"partition": 1, "share": 0.25, "entities": None, "busiest": [], "stale": True}
FOUND = {"stream": "pumps", "topic": "records.default", "items": [QUIET, HOT]}


def test_partitions_are_a_table_with_shares_and_the_busiest_entities(command, server, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    server.on("GET /streams/pumps/partitions", FOUND)
    shown = command("streams", "partitions", "pumps", "--limit", 7).out
    assert server.last.query["limit"] == ["7"]
    assert shown.startswith("2 partitions of records.default with records of pumps\n")
    assert "75%" in shown
    assert "pump-1 50%, pump-2 25%, pump-3 17%" in shown
    assert "pump-4" not in shown


def test_programs_get_the_answer_as_it_is(command, server) -> None:
    server.on("GET /streams/pumps/partitions", FOUND)
    assert command("streams", "partitions", "pumps", "--json").json == FOUND


def test_an_unknown_stream_is_one_line(command, server) -> None:
    server.on("GET /streams/pumps/partitions", problem(404, "there is no stream 'pumps' with a schema"))
    refused = command("streams", "partitions", "pumps")
    assert refused.code != 0
    assert "there is no stream 'pumps'" in refused.err
