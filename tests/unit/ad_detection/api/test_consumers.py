"""Which rules a batch is scored by, and what becomes of one that fails."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from ad_chassis.eventlog.port import Batch, Message, TopicPartition
from ad_chassis.metrics import Metrics
from ad_contracts.headers import GENERATION, TICK
from ad_detection.api.consumers import RecordHandler
from ad_detection.domain.control import Control
from ad_detection.domain.results import Results
from tests.support.records import TOPIC, Stored, sensor_rule


class LateView:
    """Knows the first stream of the name, and the second once it has caught up."""

    def __init__(self) -> None:
        first, second = sensor_rule(), sensor_rule(generation=2)
        self.control = Control(rules={first.key: first})
        self.later = Control(rules={second.key: second})

    async def caught_up(self) -> Control:
        return self.later


def handler(view: LateView, writer: Any = None) -> RecordHandler:
    nothing: Any = SimpleNamespace()
    return RecordHandler(
        nothing,
        view,
        nothing,
        nothing,
        nothing,
        nothing,
        writer,
        nothing,
        lambda: 0,
        Metrics("x"),
        SimpleNamespace(span=lambda _: nullcontext()),
        [],
    )


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ([("ce_source", b"sensors")], False),
        ([(GENERATION, b"1"), ("ce_source", b"sensors")], False),
        ([(GENERATION, b"2"), ("ce_source", b"sensors")], True),
        ([("ce_source", b"pumps")], True),
        ([("ce_source", TICK.encode())], False),
        ([], False),
    ],
)
async def test_a_batch_waits_for_the_rules_of_the_streams_that_it_names(headers, waits) -> None:
    view = LateView()
    batch = Batch(TopicPartition(TOPIC, 0), [Stored(0, b"{}", headers)])
    found = await handler(view)._control_for(batch)
    assert (found is view.later) == waits


class Scorer:
    """Learns what it is given, and forgets it when it starts over."""

    using = nullcontext()

    def __init__(self) -> None:
        self.learnt = 0

    async def score(self, records: list[Stored], _control: Control) -> tuple[Results, str]:
        self.learnt += len(records)
        return Results(), "bookmark"

    def start_over(self) -> None:
        self.learnt = 0


class Writer:
    def __init__(self) -> None:
        self.failing = True

    def messages(self, *_: Any) -> list[Message]:
        if self.failing:
            raise MemoryError
        return []


async def test_what_could_not_be_encoded_is_scored_again_and_learnt_once() -> None:
    writer, scorer, source = Writer(), Scorer(), TopicPartition(TOPIC, 0)
    scoring = handler(LateView(), writer)
    scoring._scorers[source] = scorer
    batch = Batch(source, [Stored(0, b"{}", [("ce_source", b"sensors")])])
    with pytest.raises(MemoryError):
        await scoring.handle(batch)
    writer.failing = False
    assert (await scoring.handle(batch)).metadata == "bookmark"
    assert scorer.learnt == 1
