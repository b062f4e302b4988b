"""A sorted list in an array against Python's own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.order import insert_sorted, remove_sorted
from tests.oracles.ad_detectors import order as plain

VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30)


@settings(deadline=None)
@given(VALUES, st.data())
def test_values_come_in_and_go_out_in_order(values, data) -> None:
    ordered, size, twin = np.zeros(len(values)), 0, []
    for value in values:
        size, twin = insert_sorted(ordered, size, value), plain.insert_sorted(twin, value)
        assert ordered[:size].tolist() == twin
    for gone in data.draw(st.permutations(values)):
        size, twin = remove_sorted(ordered, size, gone), plain.remove_sorted(twin, gone)
        assert ordered[:size].tolist() == twin
