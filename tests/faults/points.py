"""The named points of a worker's way with a batch: wraps what is passed there; the worker knows nothing of it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from ad_chassis.eventlog.handler import Outcome
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from ad_chassis.eventlog.port import Batch
from ad_chassis.objects import ObjectStore
from ad_detection.api.consumers import RecordHandler

POINTS = ("after_poll", "after_snapshot", "after_score", "after_send", "before_commit", "after_commit")
Passed = Callable[[str], None]
When = Callable[[Any, tuple[Any, ...], Any], bool]


def signal_at(point: str, passes: int, signal_number: int) -> Passed:
    """Sends this process a signal when it passes the point for the so-manieth time."""
    left = passes

    def passed(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal_number)

    return passed


def install(passed: Passed) -> None:
    """Only what has to do with scoring counts; the loop that stores anomalies passes in silence."""
    around(KafkaConsumer, "poll", _polled_records, passed, after="after_poll")
    around(ObjectStore, "put", _is_snapshot, passed, after="after_snapshot")
    around(ObjectStore, "put", _is_switch, passed, after="after_switch")
    around(RecordHandler, "handle", _always, passed, after="after_score")
    around(AIOKafkaProducer, "send_offsets_to_transaction", of_records, passed, before="after_send")
    around(
        AIOKafkaProducer,
        "commit_transaction",
        of_records,
        passed,
        before="before_commit",
        after="after_commit",
    )
    # Delivery at least once knows no transaction; the consumer commits after the sends.
    around(AIOKafkaConsumer, "commit", _always, passed, before="after_send", after="after_commit")


def around(owner: type, name: str, when: When, passed: Passed, *, before: str = "", after: str = "") -> None:
    """Replaces a coroutine method by itself with a point on either side."""
    original = getattr(owner, name)

    async def wrapped(self: Any, *args: Any, **options: Any) -> Any:
        if before and when(self, args, None):
            passed(before)
        result = await original(self, *args, **options)
        if after and when(self, args, result):
            passed(after)
        return result

    replace(owner, name, wrapped)


def tally(file: Path) -> None:
    """Writes down every batch that is handed to the scorer: partition, first offset, offset after the last."""
    original, lines = RecordHandler.handle, file.open("a", buffering=1)

    async def handle(self: RecordHandler, batch: Batch) -> Outcome:
        lines.write(f"{batch.source.partition} {batch.first_offset} {batch.next_offset}\n")
        return await original(self, batch)

    replace(RecordHandler, "handle", handle)


def replace(owner: type, name: str, method: Callable[..., Any]) -> None:
    setattr(owner, name, method)


def of_records(producer: Any, _args: tuple[Any, ...] = (), _result: Any = None) -> bool:
    """Whether a producer is the transactional one of a partition of a data topic."""
    transactions = vars(producer).get("_txn_manager")
    return transactions is not None and "-records." in (transactions.transactional_id or "")


def _polled_records(_consumer: Any, _args: tuple[Any, ...], batches: Any) -> bool:
    return any(batch.source.topic.startswith("records.") for batch in batches)


def _is_snapshot(_store: Any, args: tuple[Any, ...], _result: Any) -> bool:
    return str(args[0]).startswith("snapshots/")


def _is_switch(_store: Any, args: tuple[Any, ...], _result: Any) -> bool:
    return str(args[0]).endswith(".switch.json")


def _always(*_: Any) -> bool:
    return True
