"""Names to numbers."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.graph.keys import hash_keys


def test_a_name_is_the_first_eight_bytes_of_its_hash_for_ever() -> None:
    assert hash_keys(["10.0.0.1"]).tolist() == [-1872567390102450605]


def test_text_and_its_bytes_are_one_name_and_integers_are_themselves() -> None:
    assert hash_keys(["é"]).tolist() == hash_keys(["é".encode()]).tolist()
    assert hash_keys(np.array([3, -1])).tolist() == [3, -1]
    assert hash_keys(np.array([2**64 - 1], np.uint64)).tolist() == [-1]
    assert hash_keys(np.array(["a", "b", "a"], dtype=object)).dtype == np.int64


@pytest.mark.parametrize("wrong", [[1.5], [None], [["a"]]])
def test_what_is_no_name_is_refused(wrong) -> None:
    with pytest.raises(DataError, match=r"valid are strings|one-dimensional"):
        hash_keys(wrong)
