"""What names, passwords and times of expiry must be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ad_auth.domain.accounts import (
    ApiKey,
    InvalidAccount,
    User,
    canonical_username,
    checked_expiry,
    checked_password,
)
from ad_auth.domain.credentials import digest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "name"), [("Ann", "ann"), (" ann@x.org ", "ann@x.org"), ("1-b_c+d", "1-b_c+d")]
)
def test_a_user_name_is_written_in_one_way(text: str, name: str) -> None:
    assert canonical_username(text) == name


@pytest.mark.parametrize("text", ["", " ", "-ann", "ann smith", "a" * 129, "änn", "ann\x00", "a/b", "a\nb"])
def test_what_is_no_user_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidAccount, match="a letter or digit, then"):
        canonical_username(text)


@pytest.mark.parametrize("password", ["пароль пароль", "correcthorsebattery" * 2, "   spaces   "])
def test_which_characters_a_password_has_is_left_to_the_user(password: str) -> None:
    assert checked_password(password, "ann") == password


def test_a_password_is_the_same_however_its_characters_are_composed() -> None:
    assert checked_password("u\u0308ber-composed", "ann") == checked_password("\u00fcber-composed", "ann")


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 1025])
def test_a_password_that_is_too_short_or_too_long_is_refused_without_repeating_it(password: str) -> None:
    with pytest.raises(InvalidAccount, match="12 to 1024 characters") as caught:
        checked_password(password, "ann")
    assert caught.value.field == "password"


def test_the_user_name_is_no_password() -> None:
    with pytest.raises(InvalidAccount, match="must not be the user name; take a few words"):
        checked_password("Ann.Smith@x.org", "ann.smith@x.org")


def test_a_key_ends_when_it_expires() -> None:
    key = ApiKey("default", "id", "name", digest("secret"), "viewer", "me", NOW, NOW + SECOND)
    assert key.good_until("secret", NOW) == NOW + SECOND
    assert replace(key, expires_at=None).good_until("secret", NOW) is None
    assert key.good_until("wrong", NOW) == NOW


def test_why_a_key_is_refused_is_said_by_which_secret_it_was() -> None:
    key = ApiKey("default", "id", "name", digest("new"), "viewer", "me", NOW, old_secret_hash=digest("old"))
    said = [key.why_refused(secret) for secret in ("new", "old", "neither")]
    assert said == ["expired", "replaced secret", "wrong secret"]
    with pytest.raises(InvalidAccount, match="in the future"):
        checked_expiry(NOW, NOW)
    assert checked_expiry(None, NOW) is None


def test_what_is_printed_of_an_account_holds_no_hash() -> None:
    assert "HASH" not in repr(User("default", "id", "ann", "HASH", "viewer", NOW, NOW))
    assert "HASH" not in repr(ApiKey("default", "id", "name", "HASH", "viewer", "me", NOW))
