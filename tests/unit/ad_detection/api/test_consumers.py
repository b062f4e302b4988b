"""Which rules a batch is scored by."""

from types import SimpleNamespace
from typing import Any

import pytest

from ad_chassis.eventlog.port import Batch, TopicPartition
from ad_chassis.metrics import Metrics
from ad_contracts.headers import GENERATION, TICK
from ad_detection.api.consumers import RecordHandler
from ad_detection.domain.control import Control
from tests.support.records import TOPIC, Stored, sensor_rule


class LateView:
    """Knows the first stream of the name, and the second once it has caught up."""

    def __init__(self) -> None:
        first, second = sensor_rule(), sensor_rule(generation=2)
        self.control = Control(rules={first.key: first})
        self.later = Control(rules={second.key: second})

    async def caught_up(self) -> Control:
        return self.later


def handler(view: LateView) -> RecordHandler:
    nothing: Any = SimpleNamespace()
    return RecordHandler(
        nothing,
        view,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        nothing,
        lambda: 0,
        Metrics("x"),
        nothing,
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
