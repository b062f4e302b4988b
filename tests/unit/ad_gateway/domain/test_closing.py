"""Close codes."""

import pytest

from ad_gateway.domain.closing import code_of, reason_of


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 4400), (422, 4400), (401, 4401), (403, 4403), (429, 4429), (500, 1013), (503, 1013)],
)
def test_a_code_is_the_status_that_it_would_be(status: int, code: int) -> None:
    assert code_of(status) == code


def test_a_reason_fits_into_a_close_frame_whatever_its_letters() -> None:
    assert reason_of("too short to cut") == "too short to cut"
    assert len(reason_of("ä€" * 200).encode()) <= 123
