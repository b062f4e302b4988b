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
    """Origins besides the gateway's own whose pages may open the live feed and call the API."""
    forward_seconds: float = Field(default=120.0, gt=0, validation_alias="GATEWAY_FORWARD_SECONDS")
    """How long a service behind may take to answer, or be silent within its answer; what is light has 30 s at most."""
    max_artifact_bytes: int = Field(
        default=256 * 2**20, ge=1, validation_alias="MODEL_REGISTRY_MAX_ARTIFACT_BYTES"
    )
    """What the registry takes: the same variable, with the same default."""
    address_per_second: float = Field(default=1000.0, gt=0, validation_alias="GATEWAY_ADDRESS_PER_SECOND")
    """Requests of one address, whoever sends them; as a mean over ten seconds, as the two below."""
    caller_per_second: float = Field(default=1000.0, gt=0, validation_alias="GATEWAY_CALLER_PER_SECOND")
    """Requests of one user or API key."""
    tenant_per_second: float = Field(default=2000.0, gt=0, validation_alias="GATEWAY_TENANT_PER_SECOND")
    """Requests of all users and keys of a tenant."""
    tenant_at_once: int = Field(default=32, ge=1, validation_alias="GATEWAY_TENANT_AT_ONCE")
    """Requests of a tenant in hand at once, heavy ones, and light ones at each service; others wait for their turn."""
