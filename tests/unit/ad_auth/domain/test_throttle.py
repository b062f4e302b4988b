"""How long logins wait."""

import pytest

from ad_auth.domain.throttle import TooManyTries, delay_seconds


def test_the_wait_doubles_after_the_first_tries_up_to_a_minute() -> None:
    assert [delay_seconds(tries) for tries in range(13)] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 64, 64]


@pytest.mark.parametrize(("seconds", "said"), [(1, "try again in 1 second"), (64, "try again in 64 seconds")])
def test_who_waits_is_told_for_how_long(seconds, said) -> None:
    """In words too: a person who looks at a page does not see its headers."""
    error = TooManyTries("for this account", seconds, first=True)
    assert error.detail == f"too many logins failed for this account; {said}"
    assert error.headers["Retry-After"] == str(seconds)
