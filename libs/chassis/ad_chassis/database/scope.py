"""Whose rows a transaction sees. PostgreSQL holds it, however a query reads (`row_security.py`)."""

from enum import Enum
from typing import Final, Literal, TypeAlias

from sqlalchemy import TextClause, text

TENANT_SETTING = "ad.tenant"
EVERY_SETTING = "ad.every_tenant"


class EveryTenant(Enum):
    """No name, so that no text that somebody sends can mean it."""

    EVERY_TENANT = "every tenant"


EVERY_TENANT: Final = EveryTenant.EVERY_TENANT
"""For work that belongs to no request of a tenant: sinks, queues, upkeep, logins before the tenant is known."""
Scope: TypeAlias = str | Literal[EveryTenant.EVERY_TENANT]

_SEE = f"SELECT set_config('{TENANT_SETTING}', :tenant, true), set_config('{EVERY_SETTING}', :every, true)"
SEEING = text(_SEE)
SEEING_AS = text(f"{_SEE}, set_config('role', :role, true)")


def entering(scope: Scope, role: str | None) -> tuple[TextClause, dict[str, str]]:
    """The first statement of a transaction; what it sets ends with the transaction."""
    every = isinstance(scope, EveryTenant)
    values = {"tenant": "" if isinstance(scope, EveryTenant) else scope, "every": "on" if every else "off"}
    return (SEEING, values) if role is None else (SEEING_AS, values | {"role": role})
