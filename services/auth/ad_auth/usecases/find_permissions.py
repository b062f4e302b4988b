"""What a role or a key allows, as it is stored now."""

from collections.abc import Collection

from ad_auth.domain.accounts import ApiKey, InvalidAccount
from ad_auth.domain.roles import ROLES, permissions_of, unknown_permissions
from ad_auth.ports import Transaction
from ad_chassis.security import Permission
from ad_chassis.security.permissions import expanded


async def permissions_of_role(work: Transaction, tenant: str, name: str) -> frozenset[Permission]:
    return permissions_of(name, None if name in ROLES else await work.role(tenant, name))


async def permissions_of_key(work: Transaction, key: ApiKey) -> frozenset[Permission]:
    if key.permissions is not None:
        return expanded(key.permissions)
    return await permissions_of_role(work, key.tenant, key.role or "")


async def check_role(work: Transaction, tenant: str, name: str) -> None:
    """Raises `InvalidAccount` when the tenant has no such role. The tenant must be locked."""
    if name in ROLES or await work.role(tenant, name):
        return
    known = ", ".join([*ROLES, *(each.name for each in await work.roles(tenant))][:20])
    raise InvalidAccount("role", f"there is no role {name[:63]!r}; there are {known}")


def checked_permissions(names: Collection[str]) -> list[str]:
    """Each once, in order; raises `InvalidAccount` over one that does not exist."""
    if unknown := unknown_permissions(names):
        raise InvalidAccount(
            "permissions",
            f"there is no permission {unknown[0][:63]!r}; GET /api/v1/roles lists those there are",
        )
    return sorted(set(names))
