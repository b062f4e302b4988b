"""The compiled update against the plain one."""

import numpy as np
import pytest

from ad_detectors.streaming.seasonal import Seasonal
from tests.oracles.ad_detectors.seasonal import Entity
from tests.support.streaming_twins import agree, both, story

HOUR_MS = 3_600_000


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("minutes", [1, 60, 300])
def test_update_does_what_the_plain_detector_does(width, minutes) -> None:
    times = np.arange(900) * minutes * 60_000 - 100 * HOUR_MS
    table = story(width) + 30.0 * (times // HOUR_MS % 24 >= 12)[:, None]
    detector = Seasonal(half_life=20, history=256)
    agree(*both(detector, Entity, table, times), tolerance=1e-8)


def test_a_period_of_records_is_found_as_by_the_plain_detector() -> None:
    places = np.arange(1200)
    table = (np.sin(2 * np.pi * places / np.where(places < 700, 20, 33)) * 10.0)[:, None]
    table += np.random.default_rng(3).normal(size=table.shape)
    table[places % 50 == 0] = np.nan
    detector = Seasonal(half_life=20)
    agree(*both(detector, Entity, table, places * 0), tolerance=1e-8)
