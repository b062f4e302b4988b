"""What a refresh token is worth."""

from datetime import UTC, datetime, timedelta

import pytest

from ad_auth.domain.sessions import Lifetimes, RefreshToken, Session, judged, refresh_until

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
GRACE = timedelta(seconds=10)


@pytest.mark.parametrize(
    ("used", "revoked", "token_ends", "session_ends", "verdict"),
    [
        (None, None, NOW + HOUR, NOW + HOUR, "good"),
        (None, None, NOW, NOW + HOUR, "expired"),
        (None, None, NOW + HOUR, NOW, "expired"),
        (NOW - GRACE, None, NOW + HOUR, NOW + HOUR, "reused"),
        (NOW - GRACE / 2, None, NOW + HOUR, NOW + HOUR, "parallel"),
        (NOW - GRACE / 2, None, NOW, NOW + HOUR, "expired"),
        (NOW - GRACE, None, NOW, NOW, "reused"),
        (None, NOW, NOW + HOUR, NOW + HOUR, "revoked"),
        (NOW, NOW, NOW + HOUR, NOW + HOUR, "revoked"),
    ],
)
def test_a_refresh_token_is_good_once_in_its_time_and_in_its_session(
    used, revoked, token_ends, session_ends, verdict
) -> None:
    session = Session("default", "s", "u", NOW - HOUR, session_ends, revoked)
    token = RefreshToken("default", "hash", "s", NOW - HOUR, token_ends, used)
    assert judged(token, session, NOW, GRACE) == verdict


def test_no_refresh_makes_a_session_longer_than_it_may_be() -> None:
    lifetimes = Lifetimes(access=HOUR, refresh=3 * HOUR, session=5 * HOUR)
    session = Session("default", "s", "u", NOW, NOW + 5 * HOUR)
    assert refresh_until(session, lifetimes, NOW) == NOW + 3 * HOUR
    assert refresh_until(session, lifetimes, NOW + 4 * HOUR) == NOW + 5 * HOUR
