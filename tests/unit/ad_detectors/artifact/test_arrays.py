"""Arrays to files and back."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.artifact import ArtifactError
from ad_detectors.artifact.arrays import read_npy, write_npy

TYPES = [np.float64, np.float32, np.int64, np.int32, np.int16, np.uint8, np.bool_]


@settings(deadline=None)
@given(st.sampled_from(TYPES).flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_side=0))))
def test_arrays_come_back_with_the_same_bits_and_can_be_written(array) -> None:
    data = write_npy(array)
    again = read_npy(data, "x.npy")
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == np.load(io.BytesIO(data)).tobytes()
    assert again.flags.writeable
    assert again.flags.c_contiguous


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data) -> None:
    for start in (b"", b"\x93NUMPY\x01\x00", write_npy(np.zeros(3))[:60]):
        with pytest.raises(ArtifactError, match=r"x\.npy is not an array"):
            read_npy(start + data, "x.npy")


def test_types_that_do_not_exist_and_lengths_that_are_not_true_are_refused() -> None:
    good = write_npy(np.zeros(3))
    with pytest.raises(ArtifactError, match="no type <b8"):
        read_npy(good.replace(b"<f8", b"<b8"), "x.npy")
    with pytest.raises(ArtifactError, match="declares 24 bytes of numbers and has 25"):
        read_npy(good + b"0", "x.npy")
    with pytest.raises(ArtifactError, match="plain numbers"):
        read_npy(write_npy(np.zeros(3, complex)), "x.npy")
