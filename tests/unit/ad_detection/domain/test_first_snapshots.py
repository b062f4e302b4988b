"""Snapshots of format 1."""

from pathlib import Path

import pytest

from ad_detection.domain import first_snapshots
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.state import PartitionState
from ad_detection.domain.written_rules import SnapshotError
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule

GOLDEN = Path(__file__).parents[3] / "golden" / "snapshot-v1.npz"
RECORDS = sensor_records(400, sensors=20)


def test_a_snapshot_of_the_first_release_is_gone_on_with() -> None:
    rule = sensor_rule(settings=StreamSettings(algorithm="ewma"), revision=4)
    other = sensor_rule(stream="others", model="pumps", version=2)
    state, offset = first_snapshots.from_bytes(GOLDEN.read_bytes())
    assert offset == 300
    assert set(state.rules) == {rule.key, other.key}
    assert state.streams[rule.key].entities.names() == [f"s{number}" for number in range(20)]
    fresh = PartitionState(rules={rule.key: rule, other.key: other})
    score_batch(fresh, {}, Incoming(TENANT, TOPIC, 0, RECORDS[:300], 0))
    for name, array in fresh.streams[rule.key].arrays.items():
        assert array.tobytes() == state.streams[rule.key].arrays[name].tobytes()
    later = [score_batch(each, {}, Incoming(TENANT, TOPIC, 0, RECORDS[300:], 0)) for each in (state, fresh)]
    assert later[0].cold == later[1].cold
    assert state.streams[rule.key].entities.held == 20


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-20], lambda data: b"PK" + data[5:]])
def test_a_damaged_snapshot_is_refused(damage) -> None:
    with pytest.raises(SnapshotError, match="damaged"):
        first_snapshots.from_bytes(damage(GOLDEN.read_bytes()))
