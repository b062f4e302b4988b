"""How long logins wait."""

from ad_auth.domain.throttle import delay_seconds


def test_the_wait_doubles_after_the_first_tries_up_to_a_minute() -> None:
    assert [delay_seconds(tries) for tries in range(13)] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 64, 64]
