"""Roles are named sets of permissions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Role = Literal["viewer", "analyst", "operator", "admin"]
ADMINISTRATOR: Role = "admin"
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "viewer": frozenset({"read"}),
        "analyst": frozenset({"read", "write"}),
        "operator": frozenset({"read", "write"}),
        "admin": frozenset({"read", "write", "admin"}),
    }
)


def permissions_of(role: str) -> frozenset[str]:
    """What a role may do; one that is not known here (any more) may do nothing."""
    return ROLES.get(role, frozenset())
