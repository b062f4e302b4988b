"""Records of a stream from its topic."""

from pathlib import Path
from types import SimpleNamespace

from ad_chassis.eventlog.port import Message
from ad_chassis.testing import memory_platform
from ad_contracts.headers import GENERATION
from ad_detection.adapters.log_range import LogRange
from ad_detection.domain.control import Control
from ad_detection.domain.replays import ReplayRequest
from tests.support.records import TOPIC, sensor_rule

SOURCE = ("ce_source", b"sensors")


async def test_records_of_others_of_its_name_are_not_those_of_a_stream(tmp_path: Path) -> None:
    rule = sensor_rule(generation=2)
    headers = [[(GENERATION, b"1"), SOURCE], [(GENERATION, b"2"), SOURCE], [SOURCE], []]
    async with memory_platform(tmp_path) as platform:
        await platform.event_log.publish([Message(TOPIC, b"{}", b"k", each, partition=1) for each in headers])
        view = SimpleNamespace(control=Control(rules={rule.key: rule}))
        found = LogRange(platform.event_log, view).chunks(rule, ReplayRequest(stream="sensors", source="log"))
        offsets = [record.offset async for chunk in found for record in chunk.records]
    assert offsets == [1, 2, 3]
