"""Names as bytes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ad_detection.domain.names import Names
from tests.oracles.ad_detectors import names as plain


@given(st.lists(st.text(max_size=5)))
def test_names_stand_one_after_the_other_in_utf_8(names: list[str]) -> None:
    found, encoded = Names.of(names), [name.encode() for name in names]
    assert [found.data[start:stop].tobytes() for start, stop in pairwise(found.starts.tolist())] == encoded
    assert found.hashes.tolist() == [plain.hashed(name) for name in encoded]
    assert len(found) == len(names)
