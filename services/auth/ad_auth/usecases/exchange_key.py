"""Takes an API key, or the key of the services, answers with an access token."""

from datetime import datetime

from ad_auth.domain.accounts import ApiKey
from ad_auth.domain.credentials import KEY_ID, digest, matches
from ad_auth.domain.refusals import InvalidClient
from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.find_permissions import permissions_of_key
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Unauthenticated
from ad_chassis.logs import security_event
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security import Principal
from ad_chassis.security.permissions import EVERYTHING
from ad_chassis.security.token_source import format_api_key, parse_api_key

WRONG = "the API key is unknown, expired or wrong"


async def exchange_key(
    store: Store, issuer: Issuer, service_key: str | None, *, key_id: str, secret: str, now: datetime
) -> Grant:
    """However a client took the key apart at its underscores, its parts make the same key."""
    text = format_api_key(key_id, secret)
    if service_key and matches(text, digest(service_key)):
        return await _for_service(store, issuer, key_id, now)
    key_id, secret = _taken_apart(text)
    async with store.transaction(EVERY_TENANT) as work:
        key = await work.api_key(key_id)
        until = key.good_until(secret, now) if key else None
        if key is None or (until is not None and until <= now):
            await work.record(_failure(key, now))
            principal = None
        else:
            await check_tenant(work, key.tenant, key.id)
            await work.touch_api_key(key, now)
            streams = None if key.streams is None else frozenset(key.streams)
            caller = Principal(
                key.id, key.tenant, await permissions_of_key(work, key), "api_key", streams=streams
            )
            principal = await issuer.record(work, caller, now, until=until)
    if principal is None:
        security_event("api key refused", key_id=key.id if key else "unknown")
        raise InvalidClient(WRONG)
    return await issuer.grant(principal, now)


def _taken_apart(text: str) -> tuple[str, str]:
    try:
        key_id, secret = parse_api_key(text)
    except Unauthenticated:
        return "", ""
    return (key_id, secret) if KEY_ID.fullmatch(key_id) else ("", "")


async def _for_service(store: Store, issuer: Issuer, key_id: str, now: datetime) -> Grant:
    async with store.transaction(EVERY_TENANT) as work:
        caller = Principal(key_id, DEFAULT_TENANT, EVERYTHING, "service")
        principal = await issuer.record(work, caller, now)
    return await issuer.grant(principal, now)


def _failure(key: ApiKey | None, now: datetime) -> AuditEntry:
    tenant = key.tenant if key else DEFAULT_TENANT
    return AuditEntry(tenant, key.id if key else "unknown", "login", None, "failed", now)
