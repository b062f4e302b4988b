"""Who calls, and what they may do: tokens, principals, permissions."""

from ad_chassis.security.access import require
from ad_chassis.security.principal import Permission, Principal
from ad_chassis.security.token_source import ServiceTokenSource, StaticTokenSource, TokenSource
from ad_chassis.security.verifier import TokenVerifier

__all__ = [
    "Permission",
    "Principal",
    "ServiceTokenSource",
    "StaticTokenSource",
    "TokenSource",
    "TokenVerifier",
    "require",
]
