"""Nothing that a caller sends makes a line of its own in the logs, or shows a secret there."""

import io
import json
from pathlib import Path

from ad_chassis.logs import configure_logs
from ad_chassis.settings import RuntimeSettings
from tests.support.edge import running_edge
from tests.support.logging_state import kept_logging

FORGED = '{"event": "forged"}'


async def test_a_log_has_one_line_of_json_an_event_whatever_is_in_paths_and_headers(tmp_path: Path) -> None:
    out = io.StringIO()
    with kept_logging():
        configure_logs("test", RuntimeSettings(data_dir=tmp_path, debug=False, log_level="INFO"), out)
        async with running_edge(tmp_path) as edge:
            for path in (
                f"/api/v1/streams/%0a{FORGED}",
                f"/api/v1/nothing%0d%0a{FORGED}",
                "/api/v1/streams/\u2028%c2%85x",
                "/api/v1/streams/%1b%5b2J",
            ):
                await edge.http.get(path)
            await edge.http.get(
                "/api/v1/models",
                headers={"X-Request-ID": f"a {FORGED}", "Authorization": "Bearer ad_abc_secretsecret"},
            )
    lines = out.getvalue().splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) >= 5
    assert not [event for event in events if event["event"] == "forged"]
    assert not [character for character in out.getvalue() if character in "\x1b\r\x85\u2028"]
    assert "secretsecret" not in out.getvalue()
    assert {event["reason"] for event in events if event["event"] == "malformed request"} == {
        "the path holds characters that no address has"
    }
