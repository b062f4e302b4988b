"""Secrets that we make."""

from ad_auth.domain.credentials import digest, matches, new_id, new_refresh_token, new_secret
from ad_chassis.redaction import redact_text
from ad_chassis.security.token_source import format_api_key, parse_api_key


def test_a_secret_matches_its_digest_and_nothing_else() -> None:
    secret = new_secret()
    assert matches(secret, digest(secret))
    assert not matches(secret, digest(new_secret()))
    assert not matches(secret, None)
    assert not matches("\ud800", digest(secret))


def test_a_key_survives_being_written_and_read_and_is_hidden_in_logs() -> None:
    key_id, secret = new_id(), new_secret()
    text = format_api_key(key_id, secret)
    assert parse_api_key(text) == (key_id, secret)
    assert secret not in redact_text(f"key {text}")


def test_a_refresh_token_is_hidden_in_logs_too() -> None:
    token = new_refresh_token()
    assert token not in redact_text(f"token {token}")
    assert len(token) > 40
