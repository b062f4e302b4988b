"""Settings of the gateway."""

from pydantic import Field

from ad_chassis.settings import Block


class GatewaySettings(Block):
    socket_queue: int = Field(default=1000, ge=1, validation_alias="GATEWAY_SOCKET_QUEUE")
    """The newest anomalies of a tenant, kept for all its clients: one that is slower goes back to history."""
    socket_limit: int = Field(default=10_000, ge=1, validation_alias="GATEWAY_SOCKET_LIMIT")
    """Clients of the live feed at once."""
    socket_tenant_limit: int = Field(default=5_000, ge=1, validation_alias="GATEWAY_SOCKET_TENANT_LIMIT")
    """Those of one tenant."""
    heartbeat_seconds: float = Field(default=15.0, gt=0, validation_alias="GATEWAY_HEARTBEAT_SECONDS")
    allowed_origins: tuple[str, ...] = Field(default=(), validation_alias="GATEWAY_ALLOWED_ORIGINS")
    """Origins besides the gateway's own from which a browser may open the live feed."""
    forward_seconds: float = Field(default=120.0, gt=0, validation_alias="GATEWAY_FORWARD_SECONDS")
    """How long a service behind may take to answer."""
