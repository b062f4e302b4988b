"""Who calls, and what they may do: tokens, principals, permissions."""

from ad_chassis.security.access import require, require_caller
from ad_chassis.security.permissions import Permission
from ad_chassis.security.principal import Principal
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
    "require_caller",
]
