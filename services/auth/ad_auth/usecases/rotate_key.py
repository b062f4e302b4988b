"""Gives an API key a new secret; the old one goes on for a while, so that nothing stands still."""

from dataclasses import replace
from datetime import datetime, timedelta

from ad_auth.domain.accounts import ApiKey
from ad_auth.domain.credentials import digest, new_secret
from ad_auth.ports import AuditEntry, Revocations, Store
from ad_auth.usecases.delete_key import own_key
from ad_chassis.security import Principal
from ad_chassis.security.token_source import format_api_key


async def rotate_key(
    store: Store,
    revocations: Revocations,
    *,
    by: Principal,
    key_id: str,
    overlap: timedelta,
    environment: str,
    now: datetime,
) -> tuple[ApiKey, str]:
    """The key and its new text. A secret older than the old one ends at once, and without overlap all tokens do."""
    secret = new_secret()
    async with store.transaction(by.tenant) as work:
        before = await own_key(work, by, key_id)
        key = replace(before, secret_hash=digest(secret), old_secret_hash=None, old_secret_until=None)
        revoked = []
        if overlap:
            key = replace(key, old_secret_hash=before.secret_hash, old_secret_until=now + overlap)
        else:
            revoked = await work.revoke_tokens(by.tenant, "subject", key_id, now)
        await work.save_api_key(key)
        details = {"name": key.name, "overlap_seconds": str(int(overlap.total_seconds()))}
        await work.record(
            AuditEntry(by.tenant, by.subject, "rotate api key", key_id, "allowed", now, details)
        )
    await revocations.announce(revoked, now)
    return key, format_api_key(key_id, secret, environment)
