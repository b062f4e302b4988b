"""Anomalies of replays in the object store."""

import pytest

from ad_chassis.errors import BadRequest
from ad_chassis.objects import ObjectStore
from ad_detection.adapters.object_findings import ObjectFindings
from ad_detection.domain.replays import Replay, ReplayRequest
from tests.support.anomalies import anomaly

REPLAY = Replay(
    id="r1", tenant="default", request=ReplayRequest(stream="sensors"), requested_by="me", created_ms=0,
    owner="o", beat_ms=0,
)  # fmt: skip
FOUND = [anomaly(number) for number in range(8)]


@pytest.fixture
async def findings() -> ObjectFindings:
    """Three parts, the last one short; one anomaly of the other configuration."""
    findings = ObjectFindings(ObjectStore("memory://"))
    for part in range(3):
        await findings.put(REPLAY, "a", part, FOUND[part * 3 : part * 3 + 3])
    await findings.put(REPLAY, "b", 0, [anomaly(99)])
    return findings


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 100])
async def test_pages_of_any_size_give_every_anomaly_once_in_its_order(findings, limit: int) -> None:
    items, cursor = [], None
    while True:
        page = await findings.page(REPLAY, "a", limit, cursor)
        assert len(page.items) <= limit
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert items == FOUND
    assert (await findings.page(REPLAY, "b", 10, None)).items == [anomaly(99)]


async def test_what_is_removed_is_gone_and_a_strange_cursor_is_refused(findings) -> None:
    with pytest.raises(BadRequest):
        await findings.page(REPLAY, "a", 3, "x")
    await findings.remove("default", "r1")
    assert (await findings.page(REPLAY, "a", 10, None)).items == []
