"""Room for findings against a list."""

import pytest

from ad_detectors.kernels.findings import COLUMNS, no_findings, with_room
from tests.oracles.ad_detectors.findings import collected


@pytest.mark.parametrize("rows", [1, 16, 17, 200])
def test_there_is_always_room_for_one_more_and_nothing_is_lost(rows) -> None:
    found = no_findings()
    for size in range(rows):
        found = with_room(found, size)
        found[size] = size
    assert found[:rows].tolist() == collected(rows, COLUMNS)
    assert len(found) < 2 * max(rows, len(no_findings()))
