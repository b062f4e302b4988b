"""How the clients of this process log in at Kafka."""

import ssl
from collections.abc import Callable
from typing import Any

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from ad_chassis.errors import PlatformError
from ad_chassis.security.token_source import TokenSource
from ad_chassis.settings import EventLogSettings

Tokens = Callable[[], TokenSource]


class ServiceTokens(AbstractTokenProvider):  # type: ignore[misc] # aiokafka has no types
    """The token with which services call each other; asked for anew at each connection, and renewed before it ends."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def token(self) -> str:
        try:
            token = await self._tokens().token()
        except PlatformError as error:
            # Of a kind that aiokafka tries again.
            raise KafkaConnectionError(f"there is no token for Kafka: {error.detail}") from error
        if token is None:
            raise KafkaConnectionError("there is no token for Kafka")
        return token


def client_options(settings: EventLogSettings, tokens: Tokens) -> dict[str, Any]:
    """What every client of aiokafka is made with."""
    protocol = settings.security_protocol
    options: dict[str, Any] = {"security_protocol": protocol}
    if protocol.endswith("SSL"):
        file = settings.ssl_ca_file
        options["ssl_context"] = ssl.create_default_context(cafile=None if file is None else str(file))
    if not settings.uses_sasl:
        return options
    options["sasl_mechanism"] = settings.sasl_mechanism
    if settings.sasl_mechanism == "OAUTHBEARER":
        return options | {"sasl_oauth_token_provider": ServiceTokens(tokens)}
    password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
    return options | {"sasl_plain_username": settings.sasl_username, "sasl_plain_password": password}
