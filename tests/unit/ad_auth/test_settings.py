"""Settings of auth that hang together."""

import pytest

from ad_auth.settings import AuthSettings
from ad_chassis.errors import SettingsError
from ad_chassis.settings import TokenSettings

WHOLE = {
    "AUTH_OIDC_ISSUER": "https://idp.example",
    "AUTH_OIDC_CLIENT_ID": "platform",
    "AUTH_OIDC_CLIENT_SECRET": "a secret",
    "AUTH_OIDC_ROLE_MAP": '{"staff": "viewer"}',
    "ANOMALY_DETECTION_PUBLIC_URL": "https://ad.example",
}


def test_a_provider_is_read_from_the_environment(monkeypatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    settings = AuthSettings.load()
    assert settings.oidc_role_map == {"staff": "viewer"}
    assert "a secret" not in repr(settings)


@pytest.mark.parametrize("missing", [name for name in WHOLE if name != "AUTH_OIDC_ISSUER"])
def test_a_provider_needs_all_that_belongs_to_it(monkeypatch, missing) -> None:
    for name, value in WHOLE.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=missing):
        AuthSettings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTH_OIDC_ISSUER", "http://idp.example"),
        ("ANOMALY_DETECTION_PUBLIC_URL", "https://ad.example/"),
        ("ANOMALY_DETECTION_PUBLIC_URL", "ad.example"),
        ("AUTH_REFRESH_GRACE_SECONDS", "61"),
        ("AUTH_SIGNING_KEY_AHEAD_MINUTES", "5"),
        ("AUTH_OIDC_ROLE_MAP", "viewer"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(monkeypatch, name, value) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        AuthSettings.load()


def test_keys_sign_longer_than_they_wait(monkeypatch) -> None:
    monkeypatch.setenv("AUTH_SIGNING_KEY_DAYS", "0.01")
    with pytest.raises(SettingsError, match="AUTH_SIGNING_KEY_DAYS"):
        AuthSettings.load()


def test_the_public_address_is_the_issuer_unless_another_is_set(monkeypatch) -> None:
    assert TokenSettings.load().issuer == "anomaly_detection"
    monkeypatch.setenv("ANOMALY_DETECTION_PUBLIC_URL", "https://ad.example")
    assert TokenSettings.load().issuer == "https://ad.example"
    monkeypatch.setenv("JWT_ISSUER", "ours")
    assert TokenSettings.load().issuer == "ours"
