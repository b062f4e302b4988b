"""Numbers in two bytes, and the profile of the week that is made of them."""

import datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.adaptive_season import close_hour, hour_of_week, packed, unpacked, usual
from tests.oracles.ad_detectors.adaptive import eight_digits

FINITE = st.floats(-1e30, 1e30)


@settings(deadline=None)
@given(FINITE)
def test_a_packed_number_keeps_eight_binary_digits(value) -> None:
    code = packed(value)
    assert 0 < code < 65_536
    assert unpacked(code) == eight_digits(value)


@settings(deadline=None)
@given(FINITE, FINITE)
def test_packing_keeps_the_order(first, second) -> None:
    low, high = sorted([first, second])
    assert unpacked(packed(low)) <= unpacked(packed(high))


@settings(deadline=None)
@given(st.datetimes(datetime.datetime(1960, 1, 1), datetime.datetime(2100, 1, 1)))
def test_the_hour_of_the_week_starts_on_thursday_midnight(moment) -> None:
    time_ms = round((moment - datetime.datetime(1970, 1, 1)).total_seconds() * 1000)
    seconds = time_ms // 1000
    found = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    assert hour_of_week(time_ms) == (found.weekday() - 3) % 7 * 24 + found.hour


def test_an_hour_never_seen_is_like_its_mean_so_far() -> None:
    profile = np.zeros(168, np.uint16)
    assert usual(profile, 5, 0.0, 0, 7.0) == 7.0
    assert usual(profile, 5, 3.0, 2, 7.0) == 3.0


def test_an_hour_seen_before_is_like_a_week_ago_and_follows_slowly() -> None:
    profile = np.zeros(168, np.uint16)
    close_hour(profile, 5, 64.0)
    assert usual(profile, 5, 3.0, 2, 7.0) == 64.0
    close_hour(profile, 5, 128.0)
    assert usual(profile, 5, 3.0, 2, 7.0) == eight_digits(64.0 + 0.2 * 64.0)
    assert np.count_nonzero(profile) == 1
