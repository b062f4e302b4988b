"""Roles are named sets of permissions: four of every tenant, and those that it makes itself."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from ad_chassis.security.permissions import GRANTABLE, SCOPES, Permission, expanded

BuiltIn = Literal["viewer", "analyst", "operator", "admin"]
ADMINISTRATOR: BuiltIn = "admin"
ROLE_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_IN_PRODUCTION = frozenset({"streams:write", "dead_letters:write", "models:promote", "replays:publish"})
ROLES: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        "viewer": SCOPES["read"],
        "analyst": SCOPES["read"] | (SCOPES["write"] - _IN_PRODUCTION),
        "operator": SCOPES["read"] | SCOPES["write"],
        "admin": SCOPES["read"] | SCOPES["write"] | SCOPES["admin"],
    }
)
"""An analyst sends records, trains and replays; what changes a running stream is an operator's."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a tenant made."""

    tenant: str
    name: str
    permissions: list[str]
    created_by: str
    created_at: datetime
    updated_at: datetime


def unknown_permissions(names: Collection[str]) -> list[str]:
    return sorted(set(names) - set(GRANTABLE))


def permissions_of(name: str, made: Role | None) -> frozenset[Permission]:
    """What a role may do; one that does not exist (any more) may do nothing."""
    if name in ROLES:
        return ROLES[name]
    return expanded(made.permissions) if made else frozenset()
