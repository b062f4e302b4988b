"""What all commands against a server share."""

import pytest

from tests.support.canned_server import KEY, Answer


@pytest.mark.filterwarnings("default")
def test_a_key_that_can_be_read_on_the_way_is_warned_of_in_one_line(command) -> None:
    told = command("streams", "list", "--server", "http://nowhere.invalid", "--api-key", KEY).err
    assert told.splitlines()[0].startswith("warning: http://nowhere.invalid is not encrypted")


@pytest.mark.parametrize("name", ["ANOMALY_DETECTION_URL", "ANOMALY_DETECTION_API_KEY"])
def test_a_variable_that_is_set_but_empty_is_told_before_anything_is_sent(
    command, server, monkeypatch, name
) -> None:
    monkeypatch.setenv(name, "")
    told = command("streams", "list")
    assert (told.code, f"{name} is set but empty" in told.err, server.seen) == (2, True, [])


def test_an_address_that_is_given_goes_before_the_variable(command, server, monkeypatch) -> None:
    server.on("GET /streams", Answer({"items": [], "next_cursor": None}))
    monkeypatch.setenv("ANOMALY_DETECTION_URL", "")
    assert command("streams", "list", "--server", server.url, "--api-key", KEY).code == 0
