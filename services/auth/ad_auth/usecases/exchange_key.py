"""Takes an API key, or the key of the services, answers with an access token."""

from datetime import datetime, timedelta

from ad_auth.domain.accounts import ApiKey
from ad_auth.domain.audit import AuditFilter, milliseconds
from ad_auth.domain.credentials import KEY_ID, digest, matches
from ad_auth.domain.refusals import InvalidClient
from ad_auth.ports import AuditEntry, Store, Transaction
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
MOST_FAILURES = 10
FAILURES_WITHIN = timedelta(minutes=15)
"""More entries in this time would be noise that anybody makes who knows the id of a key; it is no secret."""


async def exchange_key(
    store: Store,
    issuer: Issuer,
    service_key: str | None,
    *,
    key_id: str,
    secret: str,
    now: datetime,
    address: str | None = None,
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
            principal = None
            if key is not None and not await _failed_often(work, key, now):
                why = {"reason": key.why_refused(secret)}
                await work.record(AuditEntry(key.tenant, key.id, "login", None, "failed", now, why))
        else:
            await check_tenant(work, key.tenant, key.id)
            await work.touch_api_key(key, now)
            streams = None if key.streams is None else frozenset(key.streams)
            caller = Principal(
                key.id, key.tenant, await permissions_of_key(work, key), "api_key", streams=streams
            )
            principal = await issuer.record(work, caller, now, until=until)
    if principal is None:
        # An unknown key belongs to no tenant, so it is in nobody's audit log.
        known = {"tenant": key.tenant, "key_id": key.id} if key else {"key_id": "unknown"}
        reason = key.why_refused(secret) if key else "unknown"
        security_event("api key refused", **known, reason=reason, address=address)
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


async def _failed_often(work: Transaction, key: ApiKey, now: datetime) -> bool:
    """By the newest entries of the key itself, which nobody else can add to while its row is locked."""
    newest = await work.audit_entries(key.tenant, AuditFilter(subject=key.id), "newest", None, MOST_FAILURES)
    since = milliseconds(now - FAILURES_WITHIN)
    recent = [
        each for each in newest if (each.action, each.outcome) == ("login", "failed") and each.at_ms > since
    ]
    return len(recent) == MOST_FAILURES
