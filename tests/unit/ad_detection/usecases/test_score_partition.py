"""The state of a partition: snapshots, replay after a crash, and the one offset at which a model is switched."""

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ad_chassis.errors import Unavailable
from ad_data.schema import Field, StreamSchema
from ad_detection.domain import residents
from ad_detection.domain.bookmark import Bookmark
from ad_detection.domain.control import Challenger, Control, StreamRule, StreamSettings
from ad_detection.domain.memory import Memory
from ad_detection.usecases.score_partition import KEPT_MS, PartitionScorer
from ad_detectors.model import Model
from tests.support.comparisons import Broken
from tests.support.memory import Taken, limited
from tests.support.partitions import scorer_of
from tests.support.records import TOPIC, sensor_records, sensor_rule
from tests.support.snapshots import Snapshots

RECORDS = sensor_records(900, spikes=[400, 700])


def scorer(
    snapshots: Snapshots,
    every: int = 10_000,
    memory: Memory | None = None,
    clock_ms: Callable[[], int] = lambda: 5,
) -> PartitionScorer:
    return scorer_of(RECORDS, snapshots, every, memory, clock_ms)


def control(rule: StreamRule | None = None) -> Control:
    rule = rule or sensor_rule()
    return Control({rule.key: rule})


def scored(results) -> list[tuple[str, float, str | None]]:
    return [
        (record_id, score, block.rule.model_version)
        for block in results.scores
        for record_id, score in zip(block.record_ids.to_list(), block.score.tolist(), strict=True)
    ]


async def run(worker: PartitionScorer, start: int, stop: int, rules: Control, size: int = 50):
    """Scores in batches; gives the scores and what was committed last."""
    found, metadata = [], ""
    for first in range(start, stop, size):
        results, metadata = await worker.score(RECORDS[first : min(first + size, stop)], rules)
        found += scored(results)
    return found, metadata


async def test_with_many_entities_snapshots_come_as_often_as_their_number_allows() -> None:
    snapshots, records = Snapshots(), sensor_records(900, sensors=30)
    worker = scorer(snapshots, every=10)
    taken = set()
    for first in range(0, 900, 50):
        await worker.score(records[first : first + 50], control())
        taken |= {key for key in snapshots if key.endswith(".json")}
    assert 900 / (4 * 30 + 50) <= len(taken) <= 900 / (4 * 30) + 1


async def test_a_detector_is_compiled_before_the_first_record_that_needs_it_also_in_a_replay() -> None:
    rules = control(sensor_rule(settings=StreamSettings(algorithm="ewma")))
    snapshots = Snapshots()
    worker = scorer(snapshots)
    _, metadata = await run(worker, 0, 100, rules)
    assert worker._detectors.asked == ["ewma"]
    restarted = scorer(snapshots)
    await restarted.restore(100, metadata)
    assert restarted._detectors.asked == ["ewma"]


@pytest.mark.parametrize("every", [60, 500, 10_000])
async def test_after_a_crash_the_scores_are_those_of_an_uninterrupted_run(every: int) -> None:
    rules = control()
    whole, _ = await run(scorer(Snapshots()), 0, 900, rules)
    snapshots = Snapshots()
    before, metadata = await run(scorer(snapshots, every), 0, 450, rules)
    restarted = scorer(snapshots, every)
    await restarted.restore(450, metadata)
    after, _ = await run(restarted, 450, 900, rules, size=70)
    assert before + after == whole


async def test_a_crash_between_snapshot_and_commit_goes_back_to_the_snapshot_that_was_committed() -> None:
    rules, snapshots = control(), Snapshots()
    whole, _ = await run(scorer(Snapshots()), 0, 900, rules)
    worker = scorer(snapshots, 60)
    before, metadata = await run(worker, 0, 450, rules)
    await worker.score(RECORDS[450:500], rules)  # its commit never happens
    restarted = scorer(snapshots)
    await restarted.restore(450, metadata)
    after, _ = await run(restarted, 450, 900, rules)
    assert before + after == whole


async def test_a_batch_that_failed_half_way_or_was_lost_is_scored_again_from_what_is_committed(
    monkeypatch,
) -> None:
    rules = control()
    whole, _ = await run(scorer(Snapshots()), 0, 200, rules)
    worker = scorer(Snapshots())
    before, _ = await run(worker, 0, 100, rules)

    async def fail_after_scoring(records):
        await original(records)
        raise MemoryError

    original = worker._score
    monkeypatch.setattr(worker, "_score", fail_after_scoring)
    with pytest.raises(MemoryError):
        await worker.score(RECORDS[100:150], rules)
    monkeypatch.setattr(worker, "_score", original)
    await worker.score(RECORDS[100:150], rules)
    worker.start_over()
    after, _ = await run(worker, 100, 200, rules)
    assert before + after == whole


async def test_a_disk_that_is_full_loses_nothing(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(residents, "FLOOR_BYTES", 1)
    monkeypatch.setattr(residents, "FIRST_PLACES", 2)
    rules = control()
    whole, _ = await run(scorer(Snapshots()), 0, 300, rules)
    memory = limited(tmp_path)
    worker = scorer(Snapshots(), memory=memory)
    before, _ = await run(worker, 0, 100, rules)

    def full(_file: int, _data: memoryview, _at: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as while_full:
        while_full.setattr(os, "pwrite", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                await worker.score(RECORDS[100:150], rules)
    after, _ = await run(worker, 100, 300, rules)
    assert before + after == whole
    await worker.give_back()
    assert memory.take_counts() > (0, 0)


class Growing(Taken):
    def resident_bytes(self) -> int:
        self.resident += 1_000_000
        return self.resident


async def test_the_limit_of_memory_is_kept_while_records_are_replayed(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(residents, "FLOOR_BYTES", 1)
    monkeypatch.setattr(residents, "FIRST_PLACES", 2)
    rules, snapshots = control(), Snapshots()
    _, metadata = await run(scorer(snapshots), 0, 900, rules)
    memory = limited(tmp_path, 10_000_000, Growing())
    await scorer(snapshots, memory=memory).restore(900, metadata)
    given_back, _ = memory.take_counts()
    assert given_back > 0


async def test_a_model_is_switched_at_the_first_record_of_a_batch_and_a_snapshot_marks_the_place() -> None:
    snapshots = Snapshots()
    worker = scorer(snapshots)
    first, _ = await run(worker, 0, 100, control())
    promoted = control(sensor_rule(model="pumps", version=1))
    second, metadata = await run(worker, 100, 200, promoted)
    assert {version for _, _, version in first} == {None}
    assert {version for _, _, version in second} == {"pumps@1"}
    bookmark = Bookmark.decode(metadata)
    assert (bookmark.next_offset, [switch.offset for switch in bookmark.switches]) == (0, [100])
    [switch] = bookmark.switches
    assert len(snapshots[switch.key]) < 1000, "a switch is small, however much was learnt"


async def test_a_replay_obeys_the_rules_that_were_in_force_and_not_those_of_now() -> None:
    snapshots = Snapshots()
    version_1, version_2 = (control(sensor_rule(model="pumps", version=number)) for number in (1, 2))
    worker = scorer(snapshots)
    await run(worker, 0, 100, control())
    _, metadata = await run(worker, 100, 200, version_1)
    restarted = scorer(snapshots)
    await restarted.restore(200, metadata)
    assert {rule.model_version for rule in restarted.rules.values()} == {"pumps@1"}
    after, metadata = await run(restarted, 200, 300, version_2)
    assert {version for _, _, version in after} == {"pumps@2"}
    assert [switch.offset for switch in Bookmark.decode(metadata).switches] == [100, 200]


async def test_a_replay_through_many_switches_gives_the_state_of_an_uninterrupted_run() -> None:
    streaming, model = control(), control(sensor_rule(model="pumps", version=1))
    snapshots, worker = Snapshots(), None
    whole, parts, metadata = [], [], ""
    steady = scorer(Snapshots())
    for step, start in enumerate(range(0, 900, 30)):
        rules = model if step % 2 else streaming
        whole += (await run(steady, start, start + 30, rules))[0]
        worker = scorer(snapshots)  # a crash before every step
        await worker.restore(start, metadata)
        found, metadata = await run(worker, start, start + 30, rules)
        parts += found
        assert len(metadata) < 4096, "brokers refuse more"
    assert parts == whole


async def test_rolling_back_to_the_streaming_detector_goes_on_with_what_it_had_learnt() -> None:
    worker = scorer(Snapshots())
    await run(worker, 0, 300, control())
    await run(worker, 300, 350, control(sensor_rule(model="pumps", version=1)))
    results, _ = await worker.score(RECORDS[350:353], control())
    assert (results.scores[0].score > 0).any()


async def test_a_model_that_must_not_be_used_leaves_the_one_before_in_its_place() -> None:
    worker = scorer(Snapshots())
    await run(worker, 0, 50, control(sensor_rule(model="pumps", version=1)))
    after, _ = await run(worker, 50, 100, control(sensor_rule(model="pumps", version=13)))
    assert {version for _, _, version in after} == {"pumps@1"}


async def test_a_deleted_stream_is_forgotten_and_its_records_are_rejected() -> None:
    worker = scorer(Snapshots())
    await run(worker, 0, 50, control())
    results, _ = await worker.score(RECORDS[50:60], Control())
    assert results.rows.total() == 0
    assert len(results.rejected) == 10


async def test_snapshots_that_are_not_needed_any_more_are_deleted() -> None:
    snapshots, seconds = Snapshots(), itertools.count()
    worker = scorer(snapshots, every=50, clock_ms=lambda: next(seconds) * KEPT_MS)
    await run(worker, 0, 900, control())
    assert len(snapshots) <= 4


async def test_an_acknowledged_commit_that_the_log_lost_leads_back_to_a_snapshot_that_is_there() -> None:
    rules, snapshots = control(), Snapshots()
    whole, _ = await run(scorer(Snapshots()), 0, 900, rules)
    worker = scorer(snapshots, 60)
    before, metadata = await run(worker, 0, 450, rules)
    await run(worker, 450, 600, rules)
    restarted = scorer(snapshots)
    await restarted.restore(450, metadata)
    after, _ = await run(restarted, 450, 900, rules)
    assert before + after == whole


async def test_settings_of_a_stream_change_at_one_offset_too() -> None:
    worker = scorer(Snapshots())
    await run(worker, 0, 50, control())
    silent = sensor_rule(revision=2)
    silent = replace(silent, settings=replace(silent.settings, publish_scores=False))
    results, metadata = await worker.score(RECORDS[50:60], control(silent))
    assert results.scores == []
    assert [switch.offset for switch in Bookmark.decode(metadata).switches] == [50]


async def test_a_restoration_that_fails_half_way_is_begun_again(monkeypatch) -> None:
    rules, snapshots = control(), Snapshots()
    whole, _ = await run(scorer(Snapshots()), 0, 300, rules)
    before, metadata = await run(scorer(snapshots, 60), 0, 200, rules)
    restarted = scorer(snapshots)
    original = restarted._score

    async def fail(records):
        await original(records[:3])
        raise MemoryError

    monkeypatch.setattr(restarted, "_score", fail)
    with pytest.raises(MemoryError):
        await restarted.restore(200, metadata)
    monkeypatch.setattr(restarted, "_score", original)
    after, _ = await run(restarted, 200, 300, rules)
    assert before + after == whole


async def test_while_the_registry_does_not_answer_nothing_is_changed_and_nothing_replayed(
    monkeypatch,
) -> None:
    worker = scorer(Snapshots())
    await run(worker, 0, 50, control())
    promoted = control(sensor_rule(model="pumps", version=1))
    original = worker._models.load

    async def unavailable(tenant: str, name: str, version: int) -> Model:
        raise Unavailable("model_registry does not answer")

    monkeypatch.setattr(worker._models, "load", unavailable)
    monkeypatch.setattr(worker, "restore", None)
    with pytest.raises(Unavailable):
        await worker.score(RECORDS[50:60], promoted)
    monkeypatch.setattr(worker._models, "load", original)
    found, _ = await run(worker, 50, 100, promoted)
    assert {version for _, _, version in found} == {"pumps@1"}


async def test_a_partition_opens_although_the_model_that_scored_it_is_gone() -> None:
    snapshots, gone = Snapshots(), sensor_rule(model="pumps", version=1)
    _, metadata = await run(scorer(snapshots), 0, 200, control(gone))
    restarted = scorer(snapshots)
    restarted._models.models.clear()
    await restarted.restore(200, metadata)
    after, _ = await run(restarted, 200, 250, control())
    assert {version for _, _, version in after} == {None}
    assert len(after) == 50


async def test_a_model_that_the_stream_has_no_fields_for_is_refused_and_the_records_are_scored() -> None:
    worker = scorer(Snapshots())
    narrow = sensor_rule(
        schema=StreamSchema(fields=(Field("sensor", "string"), Field("load")), entity="sensor")
    )
    found, _ = await run(worker, 0, 50, control(replace(narrow, model="pumps", version=1)))
    assert {version for _, _, version in found} == {None}


async def test_a_model_that_fitted_the_old_schema_of_a_stream_does_not_score_the_new_one() -> None:
    worker = scorer(Snapshots())
    fitting = sensor_rule(model="pumps", version=1)
    await run(worker, 0, 50, control(fitting))
    narrow = StreamSchema(fields=(Field("sensor", "string"), Field("load")), entity="sensor")
    found, _ = await run(worker, 50, 100, control(replace(fitting, schema=narrow, revision=2)))
    assert {version for _, _, version in found} == {None}


TWO = Challenger("pumps", 2)
IN_SHADOW = control(sensor_rule(challengers=(TWO,), deployment_revision=1))


def shadowing(snapshots: Snapshots, every: int = 10_000, *, there: bool = True) -> PartitionScorer:
    worker = scorer(snapshots, every)
    worker._challenger_source.models = {TWO: worker._models.models[2]} if there else {}
    return worker


def of(version: str | None, found: list[tuple[str, float, str | None]]) -> list[tuple[str, float]]:
    return [(record_id, score) for record_id, score, scored_by in found if scored_by == version]


async def test_a_challenger_joins_at_one_offset_that_is_recorded_and_leaves_the_champion_as_it_was() -> None:
    alone, _ = await run(scorer(Snapshots()), 0, 900, control())
    worker = shadowing(Snapshots())
    before, _ = await run(worker, 0, 300, control())
    beside, metadata = await run(worker, 300, 600, IN_SHADOW)
    after, _ = await run(worker, 600, 900, control())
    assert of(None, before + beside + after) == of(None, alone)
    challenger = of("pumps@2", before + beside + after)
    assert [record_id for record_id, _ in challenger] == [f"{TOPIC}/2/{row}/0" for row in range(300, 600)]
    assert [switch.offset for switch in Bookmark.decode(metadata).switches] == [300]


@pytest.mark.parametrize("every", [60, 10_000])
async def test_after_a_crash_beside_challengers_the_champion_scores_as_without_crash(every: int) -> None:
    whole, _ = await run(shadowing(Snapshots()), 0, 900, IN_SHADOW)
    snapshots = Snapshots()
    before, metadata = await run(shadowing(snapshots, every), 0, 450, IN_SHADOW)
    restarted = shadowing(snapshots, every)
    await restarted.restore(450, metadata)
    assert [rule.challengers for rule in restarted.rules.values()] == [(TWO,)]
    after, _ = await run(restarted, 450, 900, IN_SHADOW)
    assert before + after == whole


async def test_a_challenger_that_is_not_there_holds_nothing_up_and_joins_when_it_has_come() -> None:
    worker = shadowing(Snapshots(), there=False)
    first, metadata = await run(worker, 0, 100, IN_SHADOW)
    assert of("pumps@2", first) == []
    assert len(of(None, first)) == 100
    worker._challenger_source.models[TWO] = worker._models.models[2]
    second, metadata = await run(worker, 100, 200, IN_SHADOW)
    assert len(of("pumps@2", second)) == len(of(None, second)) == 100
    assert [switch.offset for switch in Bookmark.decode(metadata).switches] == [100]


async def test_a_challenger_that_fails_is_taken_out_and_the_batch_is_scored_all_the_same() -> None:
    worker = shadowing(Snapshots())
    worker._challenger_source.models[TWO] = Broken()
    results, _ = await worker.score(RECORDS[:50], IN_SHADOW)
    assert len(results.failures) == 1
    assert results.rows.total() == 50
    results, metadata = await worker.score(RECORDS[50:60], IN_SHADOW)
    assert (results.failures, results.comparisons) == ({}, {})
    assert [switch.offset for switch in Bookmark.decode(metadata).switches] == [50]


async def test_a_promoted_challenger_is_the_champion_from_one_record_to_the_next() -> None:
    worker = shadowing(Snapshots())
    shadow, _ = await run(worker, 0, 100, IN_SHADOW)
    promoted = control(sensor_rule(model="pumps", version=2, deployment_revision=2))
    champion, _ = await run(worker, 100, 200, promoted)
    assert len(of("pumps@2", shadow)) == 100
    assert champion == [(record_id, score, "pumps@2") for record_id, score, _ in champion]
    results, _ = await worker.score(RECORDS[200:210], promoted)
    assert results.comparisons == {}
