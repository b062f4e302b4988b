"""What parts learnt finds its way into the arrays of the whole, and back."""

import numpy as np
import pytest

from ad_detectors.ensemble.nesting import part, prefixed, text_array, text_lines
from ad_detectors.errors import DataError


def test_the_arrays_of_a_part_come_back_alone() -> None:
    one, other = {"x": np.zeros(2), "y_z": np.ones(1)}, {"x": np.ones(3)}
    whole = prefixed("one", one) | prefixed("other", other)
    assert {name: array.tolist() for name, array in part("one", whole).items()} == {
        "x": [0.0, 0.0],
        "y_z": [1.0],
    }
    assert part("neither", whole) == {}


@pytest.mark.parametrize("lines", [("one",), ("größer", "µ = 3"), ("", "")])
def test_text_comes_back_from_an_array(lines) -> None:
    assert text_lines({"words": text_array(lines)}, "words") == lines


@pytest.mark.parametrize("array", [np.array([0xFF], np.uint8), np.zeros(1), np.zeros((1, 1), np.uint8)])
def test_an_array_that_is_no_text_is_refused_by_name(array) -> None:
    with pytest.raises(DataError, match="'words'"):
        text_lines({"words": array}, "words")
