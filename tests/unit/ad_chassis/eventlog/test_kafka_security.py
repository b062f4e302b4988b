"""How clients log in at Kafka."""

import ssl

import pytest
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr

from ad_chassis.errors import Unavailable
from ad_chassis.eventlog.kafka_security import ServiceTokens, client_options
from ad_chassis.security.token_source import StaticTokenSource
from ad_chassis.settings import EventLogSettings


def tokens() -> StaticTokenSource:
    return StaticTokenSource("a-token")


def test_without_settings_nothing_is_sent() -> None:
    assert client_options(EventLogSettings(), tokens) == {"security_protocol": "PLAINTEXT"}


async def test_the_token_of_the_services_is_asked_for_when_it_is_needed() -> None:
    options = client_options(EventLogSettings(security_protocol="SASL_PLAINTEXT"), tokens)
    assert options["sasl_mechanism"] == "OAUTHBEARER"
    assert await options["sasl_oauth_token_provider"].token() == "a-token"


def test_a_name_and_a_password_go_over_tls() -> None:
    settings = EventLogSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="auth",
        sasl_password=SecretStr("secret"),
    )
    options = client_options(settings, tokens)
    assert options["ssl_context"].verify_mode == ssl.CERT_REQUIRED
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("auth", "secret")
    assert "sasl_oauth_token_provider" not in options


def test_tls_alone_needs_no_login() -> None:
    assert set(client_options(EventLogSettings(security_protocol="SSL"), tokens)) == {
        "security_protocol",
        "ssl_context",
    }


class Away:
    async def token(self) -> str:
        raise Unavailable("auth is away")

    def forget(self) -> None:
        """Nothing is kept."""


@pytest.mark.parametrize("source", [Away(), StaticTokenSource(None)])
async def test_without_a_token_the_client_tries_again(source) -> None:
    with pytest.raises(KafkaConnectionError, match="there is no token"):
        await ServiceTokens(lambda: source).token()
