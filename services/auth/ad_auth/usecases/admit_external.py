"""Lets in a person whom the external provider vouched for: finds or makes the user, with the role of its claims."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ad_auth.domain.accounts import InvalidAccount, User
from ad_auth.domain.credentials import new_id, new_secret
from ad_auth.domain.external import Identity, IdentityRefused, RoleMap, usernames_of
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Passwords, Revocations, Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.find_permissions import check_role
from ad_auth.usecases.open_session import Given, Gives
from ad_chassis.logs import security_event

NO_ROLE = (
    "you are known, but nothing that the provider says of you gives you a role here; ask your administrator"
)


async def admit_external(
    store: Store,
    passwords: Passwords,
    revocations: Revocations,
    gives: Gives[Given],
    *,
    tenant: str,
    roles: RoleMap,
    claims: Mapping[str, Any],
    now: datetime,
) -> Given:
    """The role is that of the claims at each login, but for the last administrator; a change ends earlier tokens."""
    try:
        return await _admit(store, passwords, revocations, gives, tenant, roles.role(claims), claims, now)
    except IdentityRefused as error:
        issuer, reason = str(claims["iss"]), str(error)
        security_event("external login refused", tenant=tenant, reason=reason, issuer=issuer)
        async with store.transaction(tenant) as work:
            why = {"issuer": issuer, "reason": reason}
            await work.record(AuditEntry(tenant, "unknown", "login", None, "failed", now, why))
        raise


async def _admit(
    store: Store,
    passwords: Passwords,
    revocations: Revocations,
    gives: Gives[Given],
    tenant: str,
    role: str | None,
    claims: Mapping[str, Any],
    now: datetime,
) -> Given:
    if role is None:
        raise IdentityRefused(NO_ROLE)
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    async with store.transaction(tenant, read_only=True) as work:
        known = await work.identity(tenant, issuer, subject) is not None
    # Nobody knows it: a login by password does the same work as for others, and fails.
    unusable = None if known else await passwords.hash(new_secret())
    async with store.transaction(tenant) as work:
        if not await work.lock_tenant(tenant):
            raise IdentityRefused("AUTH_OIDC_TENANT names a tenant that does not exist")
        await _check(work, tenant, role)
        identity = await work.identity(tenant, issuer, subject)
        user = await work.user(tenant, identity.user_id) if identity else None
        revoked: list[IssuedToken] = []
        if user is None:
            if unusable is None:
                raise IdentityRefused("your account was removed just now; sign in again")
            user = await _new_user(work, tenant, role, claims, unusable, now)
        elif user.suspended_at is not None:
            raise IdentityRefused("your account is suspended; ask your administrator")
        elif user.role != role:
            user, revoked = await _changed(work, user, role, now)
        await check_tenant(work, tenant, user.id)
        answer = await gives.give(work, user, now)
        await work.record(AuditEntry(tenant, user.id, "login", None, "allowed", now, {"issuer": issuer}))
    await revocations.announce(revoked, now)
    return await answer()


async def _check(work: Transaction, tenant: str, role: str) -> None:
    try:
        await check_role(work, tenant, role)
    except InvalidAccount as error:
        raise IdentityRefused(f"AUTH_OIDC_ROLE_MAP names a role that does not exist: {error}") from error


async def _new_user(
    work: Transaction, tenant: str, role: str, claims: Mapping[str, Any], unusable: str, now: datetime
) -> User:
    issuer = str(claims["iss"])
    wanted, own = usernames_of(claims, issuer)
    taken = await work.user_by_name(tenant, wanted) is not None
    user = User(tenant, new_id(), own if taken else wanted, unusable, role, now, now)
    await work.add_user(user)
    await work.add_identity(Identity(tenant, issuer, str(claims["sub"]), user.id, now))
    details = {"role": role, "issuer": issuer}
    await work.record(AuditEntry(tenant, user.id, "create external user", user.id, "allowed", now, details))
    return user


async def _changed(work: Transaction, user: User, role: str, now: datetime) -> tuple[User, list[IssuedToken]]:
    changed = replace(user, role=role, updated_at=now)
    entry = AuditEntry(user.tenant, user.id, "change external user", user.id, "allowed", now, {"role": role})
    if user.rules_all and not changed.rules_all and await work.administrators(user.tenant, but=user.id) == 0:
        # Let in as before: refused, nobody could make another administrator.
        why = {"role": role, "reason": "the last administrator"}
        await work.record(entry._replace(outcome="denied", details=why))
        return user, []
    await work.save_user(changed)
    await work.record(entry)
    return changed, await work.revoke_tokens(user.tenant, "subject", user.id, now)
