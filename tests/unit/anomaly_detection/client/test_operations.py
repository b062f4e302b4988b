"""What type checkers know of the operations, and what `help` does."""

import subprocess
import sys
from pathlib import Path

from anomaly_detection import AsyncClient, Client
from tests.architecture import project

PROGRAM = """
from collections.abc import AsyncIterator, Iterator
from typing import assert_type

from anomaly_detection import AsyncClient, Client
from anomaly_detection.client.answers import Anomaly, Job, Sent, Stream

client = Client()
assert_type(client.streams.get("pumps"), Stream)
assert_type(client.streams.get("pumps")["counts"]["accepted"], int)
assert_type(client.anomalies.list(stream="pumps", limit=5), Iterator[Anomaly])
assert_type(client.anomalies.follow(), Iterator[Anomaly])
assert_type(client.records.send("pumps", [{"load": 1.0}]), Sent)


async def main(client: AsyncClient) -> None:
    assert_type(await client.streams.get("pumps"), Stream)
    assert_type(client.anomalies.list(), AsyncIterator[Anomaly])
    assert_type(await client.jobs.wait(await client.jobs.start("m", "pumps")), Job)
"""
WRONG = """
from anomaly_detection import AsyncClient, Client

client = Client()
client.streams.get(7)
client.streams.get("pumps")["nothing"]
client.anomalies.list(strem="pumps")


async def main(client: AsyncClient) -> None:
    for anomaly in client.anomalies.list():
        print(anomaly)
    client.streams.get("pumps")["name"]
"""


def checked(path: Path, program: str) -> list[str]:
    """What a strict type checker says."""
    path.write_text(program)
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--strict", str(path)]
    done = subprocess.run(command, cwd=project.ROOT, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if "error:" in line or done.returncode > 1]


def test_a_strict_type_checker_knows_what_comes_back_of_both_clients(tmp_path) -> None:
    assert checked(tmp_path / "program.py", PROGRAM) == []


def test_a_strict_type_checker_finds_what_is_wrong(tmp_path) -> None:
    found = checked(tmp_path / "wrong.py", WRONG)
    lines = [int(line.split(":")[1]) for line in found]
    assert sorted(set(lines)) == [5, 6, 7, 11, 13]


def test_an_operation_has_its_own_documentation_and_name() -> None:
    with Client("http://127.0.0.1:9", token="t") as client:
        assert client.streams.get.__doc__ == "A stream with its schema."
        assert client.anomalies.follow.__name__ == "follow"
    assert AsyncClient.__mro__[1] is Client.__mro__[1]
