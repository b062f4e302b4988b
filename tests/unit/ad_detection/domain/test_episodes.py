"""Consecutive anomalies as one, against a loop over single records."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_data.columns import Columns
from ad_detection.domain import episodes
from ad_detection.domain.control import Control, StreamSettings
from ad_detection.domain.episodes import Episode, OpenEpisodes, keep_episodes
from ad_detection.usecases.score_partition import PartitionScorer
from tests.support.partitions import scorer_of
from tests.support.records import Stored, sensor_records, sensor_rule, stored
from tests.support.snapshots import Snapshots

RECORDS = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40)
CUTS = st.lists(st.integers(0, 40), max_size=4)


def columns(entities: list[str] | None, codes: list[int], start: int = 0) -> Columns:
    size = len(codes)
    time_ms = np.arange(start, start + size, dtype=np.int64) * 1000
    places = np.arange(size, dtype=np.int64)
    given = None if entities is None else np.array(codes, dtype=np.int64)
    return Columns(np.zeros((size, 1)), ("load",), time_ms, places, places, entities, given)


def kept(going: OpenEpisodes, records: list[tuple[int, bool]], start: int = 0) -> dict[int, Episode]:
    """By the place among all records; the anomaly of a record is named after its place."""
    seen = list(dict.fromkeys(entity for entity, _ in records))
    codes = [seen.index(entity) for entity, _ in records]
    label = np.array([odd for _, odd in records], dtype=np.bool_)
    batch = columns([f"e{entity}" for entity in seen], codes, start)
    found = keep_episodes(going, batch, label, lambda row: f"a{start + row}")
    return {start + row: episode for row, episode in found.items()}


def one_by_one(records: list[tuple[int, bool]], most: int) -> tuple[dict[int, Episode], OpenEpisodes]:
    going: OpenEpisodes = {}
    found = {}
    for place, (number, odd) in enumerate(records):
        entity = f"e{number}"
        if not odd:
            going.pop(entity, None)
            continue
        found[place] = going.setdefault(entity, Episode(f"a{place}", place * 1000))
        if len(going) > most:
            del going[next(iter(going))]
    return found, going


@given(RECORDS, CUTS, st.integers(1, 4))
def test_episodes_are_those_of_a_loop_however_records_are_cut_into_batches(records, cuts, most) -> None:
    bounds = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    before, episodes.MAX_OPEN = episodes.MAX_OPEN, most
    try:
        going: OpenEpisodes = {}
        found: dict[int, Episode] = {}
        for start, stop in pairwise(bounds):
            found |= kept(going, records[start:stop], start)
    finally:
        episodes.MAX_OPEN = before
    expected, left = one_by_one(records, most)
    assert found == expected
    assert list(going.items()) == list(left.items())


def test_a_normal_record_ends_the_episode_of_its_entity_alone() -> None:
    going: OpenEpisodes = {}
    found = kept(going, [(0, True), (1, True), (0, True), (0, False), (1, True), (0, True)])
    assert {place: episode.id for place, episode in found.items()} == {
        0: "a0",
        1: "a1",
        2: "a0",
        4: "a1",
        5: "a5",
    }
    assert found[4].start_ms == 1000


def test_a_stream_without_entities_is_one() -> None:
    going: OpenEpisodes = {}
    label = np.array([True, True, False, True])
    found = keep_episodes(going, columns(None, [0] * 4), label, str)
    assert [episode.id for episode in found.values()] == ["0", "0", "3"]


JUMPS = [300, 303, 306, 309, 400, 401, 402, 403]
"""Of s0 four times one after the other, then of all three and of s1 again."""


def jumping() -> list[Stored]:
    """Each jump is ten times as far as the one before, so that nobody gets used to them."""
    records = sensor_records(900)
    for power, row in enumerate(JUMPS, start=3):
        records[row] = stored(row, {"sensor": f"s{row % 3}", "load": 10.0**power, "heat": 50.0})
    return records


@pytest.mark.parametrize("every", [60, 10_000])
@pytest.mark.parametrize("model", [None, "pumps"])
async def test_an_episode_goes_on_over_a_crash(model: str | None, every: int) -> None:
    records = jumping()
    settings = StreamSettings(algorithm="ewma")
    rule = sensor_rule(model=model, version=model and 1, settings=settings)
    rules = Control({rule.key: rule})

    async def told(worker: PartitionScorer, *ranges: tuple[int, int]) -> tuple[list[tuple[str, str]], str]:
        found, metadata = [], ""
        for start, stop in ranges:
            results, metadata = await worker.score(records[start:stop], rules)
            found += [(each.id, each.episode_id) for each in results.anomalies if 300 <= each.offset <= 403]
        return found, metadata

    whole, _ = await told(scorer_of(records, Snapshots()), (0, 300), (300, 305), (305, 402), (402, 900))
    assert len(whole) > len({episode for _, episode in whole}) > 1
    snapshots, found, metadata = Snapshots(), [], ""
    for start, stop in ((0, 300), (300, 305), (305, 402), (402, 900)):
        worker = scorer_of(records, snapshots, every)
        await worker.restore(start, metadata)
        more, metadata = await told(worker, (start, stop))
        found += more
    assert found == whole
