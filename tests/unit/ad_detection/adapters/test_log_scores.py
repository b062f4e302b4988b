"""Scores from their topic."""

from dataclasses import replace
from pathlib import Path

from ad_chassis.testing.platform import memory_platform
from ad_contracts.codec import AvroCodec
from ad_contracts.headers import GENERATION
from ad_detection.adapters.log_scores import LogScores
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule


async def test_a_tenant_without_a_stream_has_an_empty_page_of_scores(tmp_path: Path) -> None:
    async with memory_platform(tmp_path) as platform:
        assert await LogScores(platform.event_log).page(("newcomer", "pumps"), 1, 10, None) == ([], None)


async def test_scores_of_others_of_its_name_are_not_those_of_a_stream(tmp_path: Path) -> None:
    results = Results()
    for generation in (1, 2):
        rule = sensor_rule(generation=generation)
        batch = Incoming(TENANT, TOPIC, generation, sensor_records(3), 0)
        results.scores += score_batch(PartitionState(rules={rule.key: rule}), {}, batch).scores
    messages = OutputWriter(AvroCodec()).messages(results)
    before = [
        replace(each, headers=[one for one in each.headers if one[0] != GENERATION]) for each in messages
    ]
    async with memory_platform(tmp_path) as platform:
        await platform.event_log.publish([messages[0], messages[1], before[0]])
        log = LogScores(platform.event_log)
        counts = []
        for generation in (1, 2, 3):
            items, _ = await log.page((TENANT, "sensors"), generation, 100, None)
            counts.append(len(items))
    assert counts == [6, 3, 0], "what says nothing is of the first"
