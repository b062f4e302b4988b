"""A detection worker as `anomaly_detection serve detection` runs it, except for the faults that a test asks for."""

import functools
import itertools
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

import ad_chassis.eventlog.kafka
import ad_detection.main
from ad_chassis.hosting import run
from ad_chassis.settings import load_settings
from ad_contracts.topics import topic
from ad_detection.domain.control import Control
from tests.faults import points, sabotage

VARIABLE = "TEST_FAULTS"


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """Which tenant's records to work on, how soon a dead member is missed, and what is to go wrong."""

    tenant: str
    tally: str
    """The file that says which batches were handled."""
    session_timeout_ms: int = 2_000
    point: str = ""
    passes: int = 0
    signal: int = int(signal.SIGKILL)
    failing_sends: int = 0
    wrong: tuple[str, ...] = ()


def run_worker(environment: Mapping[str, str]) -> None:
    """Blocks until SIGTERM."""
    os.environ.update(environment)
    faults = msgspec.json.decode(environment[VARIABLE], type=Faults)
    _narrow(faults)
    _break(faults, environment)
    _follow_jumps()
    points.tally(Path(faults.tally))
    points.install(points.signal_at(faults.point, faults.passes, faults.signal))
    run(ad_detection.main.NAME, ad_detection.main.build, load_settings())


def _follow_jumps() -> None:
    """At each SIGUSR1 the clock of this process is an hour ahead, then an hour behind, then right again."""
    right, jumps = time.time_ns, itertools.cycle((3_600, -3_600, 0))
    ahead_seconds = 0

    def jump(*_: object) -> None:
        nonlocal ahead_seconds
        ahead_seconds = next(jumps)

    signal.signal(signal.SIGUSR1, jump)
    vars(time)["time_ns"] = lambda: right() + ahead_seconds * 1_000_000_000
    vars(time)["time"] = lambda: right() / 1e9 + ahead_seconds


def _narrow(faults: Faults) -> None:
    """Several tests share a broker: each worker keeps to the topics of its own tenant."""

    def only(name: str, _control: Control) -> set[str]:
        return {topic(name, faults.tenant)}

    vars(ad_detection.main)["data_topics"] = functools.partial(only, "records")
    vars(ad_detection.main)["anomaly_topics"] = functools.partial(only, "anomalies")
    log = ad_chassis.eventlog.kafka.KafkaLog

    def quick(servers: str, **options: Any) -> Any:
        return log(servers, **options | {"session_timeout_ms": faults.session_timeout_ms})

    vars(ad_chassis.eventlog.kafka)["KafkaLog"] = quick


def _break(faults: Faults, environment: Mapping[str, str]) -> None:
    if faults.failing_sends:
        sabotage.fail_some_sends(faults.failing_sends)
    for name in faults.wrong:
        if name == "commit_before_scoring":
            sabotage.commit_before_scoring(
                environment["KAFKA_BOOTSTRAP_SERVERS"], environment["DETECTION_GROUP"]
            )
        else:
            getattr(sabotage, name)()
