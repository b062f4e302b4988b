"""Takes an API key, or the key of the services, answers with an access token."""

from datetime import datetime

from ad_auth.domain.accounts import ApiKey
from ad_auth.domain.credentials import KEY_ID, digest, matches
from ad_auth.domain.refusals import InvalidClient
from ad_auth.domain.roles import permissions_of
from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_chassis.logs import security_event
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security.principal import PERMISSIONS
from ad_chassis.security.token_source import format_api_key

WRONG = "the API key is unknown, expired or wrong"


async def exchange_key(
    store: Store, issuer: Issuer, service_key: str | None, *, key_id: str, secret: str, now: datetime
) -> Grant:
    if service_key and matches(format_api_key(key_id, secret), digest(service_key)):
        return await _for_service(store, issuer, key_id, now)
    known = key_id if KEY_ID.fullmatch(key_id) else ""
    async with store.transaction() as work:
        key = await work.api_key(known)
        good = matches(secret, key.secret_hash if key else None)
        if key is None or not good or not key.usable(now):
            await work.record(_failure(key, now))
            principal = None
        else:
            await work.touch_api_key(key, now)
            permissions = permissions_of(key.role)
            principal = await issuer.record(
                work, tenant=key.tenant, subject=key.id, kind="api_key", permissions=permissions, now=now
            )
    if principal is None:
        security_event("api key refused", key_id=key.id if key else "unknown")
        raise InvalidClient(WRONG)
    return await issuer.grant(principal, now)


async def _for_service(store: Store, issuer: Issuer, key_id: str, now: datetime) -> Grant:
    async with store.transaction() as work:
        principal = await issuer.record(
            work,
            tenant=DEFAULT_TENANT,
            subject=key_id,
            kind="service",
            permissions=frozenset(PERMISSIONS),
            now=now,
        )
    return await issuer.grant(principal, now)


def _failure(key: ApiKey | None, now: datetime) -> AuditEntry:
    tenant = key.tenant if key else DEFAULT_TENANT
    return AuditEntry(tenant, key.id if key else "unknown", "login", None, "failed", now)
