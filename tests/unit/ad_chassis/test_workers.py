"""A parent keeps its workers alive, within reason, and ends them in order."""

import asyncio
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from ad_chassis.errors import SettingsError
from ad_chassis.settings import EventLogSettings, HttpSettings, TelemetrySettings
from ad_chassis.testing.platform import embedded_settings
from ad_chassis.workers import (
    Patience,
    Supervisor,
    WorkerError,
    environment_of,
    require_shared_log,
    run_workers,
)
from tests.specs.event_log_case import eventually

QUICK = Patience(first_delay_seconds=0.01, last_delay_seconds=0.01, quick_deaths=3)
NOTE = (
    "import os, pathlib, signal, sys, time; note = pathlib.Path(os.environ['NOTE']).open('a', buffering=1)\n"
)
LIVING = NOTE + "note.write('started\\n'); time.sleep(60)"
DRAINING = (
    NOTE
    + """
def drain(*_):
    note.write('drained\\n')
    sys.exit(int(os.environ.get('CODE', '0')))
signal.signal(signal.SIGTERM, drain)
note.write('started\\n')
time.sleep(60)
"""
)


def supervisor(script: str, notes: Sequence[Path], patience: Patience = QUICK, **more: str) -> Supervisor:
    """One worker for each file that it writes its notes into."""
    return Supervisor(
        [sys.executable, "-c", script], [{"NOTE": str(path), **more} for path in notes], (), patience
    )


def words(note: Path) -> list[str]:
    return note.read_text().split() if note.exists() else []


async def test_one_that_dies_is_started_again(tmp_path: Path) -> None:
    note = tmp_path / "note"
    script = (
        NOTE + "note.write('started\\n')\nif os.path.getsize(note.name) > 10: time.sleep(60)\nsys.exit(1)"
    )
    parent = supervisor(script, [note])
    running = asyncio.create_task(parent.run())
    await eventually(lambda: words(note) == ["started", "started"])
    parent.stop()
    await running
    assert words(note) == ["started", "started"]


async def test_one_that_dies_again_and_again_ends_all_and_is_named(tmp_path: Path) -> None:
    dying = NOTE + "sys.exit(3) if note.name.endswith('dying') else time.sleep(60)"
    with pytest.raises(
        WorkerError, match="worker 1 died 3 times in a row within 60 s of its start, at last with exit"
    ):
        await supervisor(dying, [tmp_path / "living", tmp_path / "dying"]).run()


async def test_one_that_lived_long_is_forgiven(tmp_path: Path) -> None:
    note = tmp_path / "note"
    script = NOTE + "note.write('started\\n')"
    patience = Patience(first_delay_seconds=0.0, last_delay_seconds=0.0, quick_seconds=0.0, quick_deaths=2)
    parent = supervisor(script, [note], patience)
    running = asyncio.create_task(parent.run())
    await eventually(lambda: len(words(note)) > patience.quick_deaths + 1)
    assert not running.done()
    parent.stop()
    await running


async def test_all_are_told_to_end_and_waited_for(tmp_path: Path) -> None:
    notes = [tmp_path / "one", tmp_path / "two"]
    parent = supervisor(DRAINING, notes)
    running = asyncio.create_task(parent.run())
    await eventually(lambda: [words(note) for note in notes] == [["started"]] * 2)
    parent.stop()
    await running
    assert [words(note) for note in notes] == [["started", "drained"]] * 2


async def test_one_that_does_not_end_in_order_is_told_of(tmp_path: Path) -> None:
    note = tmp_path / "note"
    parent = supervisor(DRAINING, [note], CODE="4")
    running = asyncio.create_task(parent.run())
    await eventually(lambda: words(note) == ["started"])
    parent.stop()
    with pytest.raises(WorkerError, match="worker 0 did not end in order, but with exit code 4"):
        await running


async def test_one_that_was_still_starting_may_end_by_the_signal(tmp_path: Path) -> None:
    note = tmp_path / "note"
    parent = supervisor(LIVING, [note])
    running = asyncio.create_task(parent.run())
    await eventually(lambda: words(note) == ["started"])
    parent.stop()
    await running
    assert words(note) == ["started"]


def test_workers_have_the_socket_and_the_pipe_and_a_failure_ends_the_process_with_a_line(
    tmp_path: Path,
) -> None:
    script = (
        "import os, socket; os.fstat(int(os.environ['ANOMALY_DETECTION_PARENT_FD']))\n"
        "shared = socket.socket(fileno=int(os.environ['ANOMALY_DETECTION_LISTENER_FD']))\n"
        "os._exit(7 if shared.getsockname()[1] == int(os.environ['PORT']) else 1)"
    )
    with socket.create_server(("127.0.0.1", 0)) as shared, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORT", str(shared.getsockname()[1]))
        settings = embedded_settings(tmp_path, http=HttpSettings(workers=2))
        with pytest.raises(SystemExit, match=r"died 3 times in a row .* exit code 7"):
            run_workers([sys.executable, "-c", script], settings, shared, QUICK)


def test_the_delay_doubles_up_to_a_limit() -> None:
    patience = Patience(first_delay_seconds=1.0, last_delay_seconds=5.0)
    assert [patience.delay_seconds(deaths) for deaths in range(5)] == [1.0, 1.0, 2.0, 4.0, 5.0]


def test_each_has_its_port_for_metrics_and_its_name_in_groups(tmp_path: Path) -> None:
    settings = embedded_settings(
        tmp_path,
        telemetry=TelemetrySettings(metrics_port=9100),
        event_log=EventLogSettings(bootstrap_servers="kafka:9092", instance_id="detection-0"),
    )
    assert environment_of(2, settings) == {
        "API_WORKERS": "1",
        "ANOMALY_DETECTION_DATA_DIR": str(tmp_path),
        "METRICS_PORT": "9102",
        "KAFKA_INSTANCE_ID": "detection-0-2",
    }


def test_no_port_for_metrics_stays_none_and_no_name_none(tmp_path: Path) -> None:
    own = environment_of(1, embedded_settings(tmp_path))
    assert own["METRICS_PORT"] == "0"
    assert "KAFKA_INSTANCE_ID" not in own


def test_a_port_beyond_the_last_is_refused(tmp_path: Path) -> None:
    settings = embedded_settings(tmp_path, telemetry=TelemetrySettings(metrics_port=65535))
    with pytest.raises(SettingsError, match="METRICS_PORT: worker 1 would need port 65536"):
        environment_of(1, settings)


def test_several_need_a_kafka(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=re.escape("API_WORKERS, --workers")):
        require_shared_log(embedded_settings(tmp_path))
