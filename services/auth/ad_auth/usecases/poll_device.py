"""Answers a device that asks whether its person has decided (RFC 8628 section 3.4)."""

from datetime import datetime

from ad_auth.domain.credentials import digest
from ad_auth.domain.devices import Decision
from ad_auth.domain.refusals import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidGrant,
    SlowDown,
)
from ad_auth.ports import AuditEntry, Devices, Store
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.issue_token import Grant, Issuer

OVER = "the device code is unknown, expired or used; begin again"


async def poll_device(
    store: Store, devices: Devices, issuer: Issuer, *, device_code: str, client_id: str, now: datetime
) -> Grant:
    device = await devices.by_device_code(digest(device_code))
    if device is None:
        raise ExpiredToken(OVER)
    if device.client_id != client_id:
        raise InvalidGrant("the device code was given to another client")
    if not await devices.may_poll(device):
        raise SlowDown("wait five seconds longer between two questions")
    decision = await devices.take_decision(device)
    if decision is None:
        raise AuthorizationPending("nobody has answered yet; ask again after the interval")
    if decision.user_id is None:
        raise AccessDenied("the login was denied")
    return await _open(store, issuer, decision, client_id, now)


async def _open(store: Store, issuer: Issuer, decision: Decision, client_id: str, now: datetime) -> Grant:
    async with store.transaction(decision.tenant) as work:
        user = await work.user(decision.tenant, decision.user_id or "")
        if user is None or not user.may_go_on_since(decision.at):
            raise AccessDenied("the user who approved cannot sign in any more")
        await check_tenant(work, user.tenant, user.id)
        session, answer = await issuer.open(work, user, now, client_id=client_id)
        what = {"client": client_id, "by": "device code"}
        await work.record(AuditEntry(user.tenant, user.id, "open session", session.id, "allowed", now, what))
    return await answer()
