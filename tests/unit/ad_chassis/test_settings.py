"""Settings come from the environment, are frozen, and say what is wrong by the name of the variable."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ad_chassis.errors import SettingsError
from ad_chassis.settings import (
    DatabaseSettings,
    EventLogSettings,
    HttpSettings,
    RuntimeSettings,
    ServiceUrls,
    TelemetrySettings,
    TokenSettings,
    data_directory,
    load_settings,
    normalise_database_url,
    without_credentials,
)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "KAFKA_BOOTSTRAP_SERVERS", "JWT_SECRET_KEY", "API_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_without_variables_the_embedded_side_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data-home")
    settings = load_settings()
    assert settings.event_log.bootstrap_servers is None
    assert settings.cache.url is None
    assert settings.runtime.data_dir == Path("/data-home/anomaly_detection")
    url = settings.database.url_for("auth", settings.runtime.data_dir)
    assert url == "sqlite+aiosqlite:////data-home/anomaly_detection/databases/auth.sqlite"
    assert (
        settings.objects.url_for(settings.runtime.data_dir) == "file:///data-home/anomaly_detection/objects"
    )


def test_the_data_directory_falls_back_to_the_home_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_directory() == Path.home() / ".local" / "share" / "anomaly_detection"


def test_promised_names_of_the_environment_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "ANOMALY_DETECTION_ENV": "production",
        "ANOMALY_DETECTION_LOG_LEVEL": "debug",
        "DATABASE_URL": "postgresql://u:p@db/x",
        "REDIS_URL": "redis://cache",
        "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
        "KAFKA_INSTANCE_ID": "detection-0",
        "KAFKA_SESSION_SECONDS": "45",
        "API_HOST": "0.0.0.0",
        "API_PORT": "9000",
        "API_WORKERS": "3",
        "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "5",
        "PROMETHEUS_ENABLED": "false",
        "METRICS_PORT": "9200",
        "DETECTION_URL": "http://detection:8000",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.runtime.env == "production"
    assert settings.runtime.log_level == "DEBUG"
    assert settings.database.url_for("auth", Path()) == "postgresql+asyncpg://u:p@db/x"
    assert settings.event_log.bootstrap_servers == "kafka:9092"
    assert (settings.event_log.instance_id, settings.event_log.session_seconds) == ("detection-0", 45.0)
    assert (settings.http.host, settings.http.port, settings.http.workers) == ("0.0.0.0", 9000, 3)
    assert settings.tokens.access_minutes == 5
    assert (settings.telemetry.prometheus, settings.telemetry.metrics_port) == (False, 9200)
    assert settings.services.url_for("detection") == "http://detection:8000"


def test_a_shared_secret_is_answered_with_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "hunter2")
    with pytest.raises(
        SettingsError, match=r"JWT_SECRET_KEY: tokens are signed with asymmetric keys"
    ) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("block", "name", "value"),
    [
        (HttpSettings, "API_PORT", "many"),
        (HttpSettings, "API_PORT", "70000"),
        (EventLogSettings, "KAFKA_INSTANCE_ID", "not a name"),
        (EventLogSettings, "KAFKA_SESSION_SECONDS", "5"),
        (DatabaseSettings, "DATABASE_URL", "mysql://secret@db"),
        (RuntimeSettings, "ANOMALY_DETECTION_LOG_LEVEL", "LOUD"),
        (TokenSettings, "JWT_ALGORITHM", "HS256"),
        (TelemetrySettings, "PROMETHEUS_ENABLED", "perhaps"),
    ],
)
def test_a_wrong_value_is_reported_by_its_variable_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, block: type, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        block.load()
    assert "secret" not in str(caught.value)


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        HttpSettings(port=1).port = 2


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://db/x", "postgresql+asyncpg://db/x"),
        ("postgres://db/x", "postgresql+asyncpg://db/x"),
        ("postgresql+asyncpg://db/x", "postgresql+asyncpg://db/x"),
        ("sqlite:///file.db", "sqlite+aiosqlite:///file.db"),
    ],
)
def test_a_database_address_gets_its_asynchronous_driver(given: str, meant: str) -> None:
    assert normalise_database_url(given) == meant


def test_a_missing_service_address_names_the_variable_to_set() -> None:
    with pytest.raises(SettingsError, match="MODEL_REGISTRY_URL is not set"):
        ServiceUrls(model_registry=None).url_for("model_registry")
    with pytest.raises(SettingsError, match="no service is called 'alerts'"):
        ServiceUrls().url_for("alerts")


def test_an_address_is_logged_without_its_credentials() -> None:
    assert without_credentials("postgresql://u:p@db:5432/x?password=y") == "postgresql://db:5432/x"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_login_at_kafka_by_name_needs_name_and_password(
    monkeypatch: pytest.MonkeyPatch, mechanism: str
) -> None:
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    assert EventLogSettings.load().sasl_mechanism == "OAUTHBEARER"
    monkeypatch.setenv("KAFKA_SASL_MECHANISM", mechanism)
    with pytest.raises(SettingsError, match="KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"):
        EventLogSettings.load()
    monkeypatch.setenv("KAFKA_SASL_USERNAME", "auth")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "secret")
    settings = EventLogSettings.load()
    assert settings.uses_sasl
    assert "secret" not in repr(settings)
