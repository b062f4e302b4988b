"""What the routes of logins share: all that a login needs, and the check of a password."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ad_auth.api.parameters import required
from ad_auth.domain.accounts import PASSWORD_MAX
from ad_auth.domain.clients import Client
from ad_auth.domain.external import RoleMap
from ad_auth.domain.refusals import InvalidRequest
from ad_auth.ports import (
    Attempts,
    Devices,
    IdentityProvider,
    Passwords,
    PendingLogins,
    Revocations,
    Store,
    Verify,
)
from ad_auth.usecases.issue_token import Issuer
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.open_session import Given, Gives
from ad_chassis.http.context import countable_address
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security.access import TENANT_NAME


@dataclass(frozen=True, slots=True)
class External:
    """The provider through which people sign in who have no password here."""

    name: str
    provider: IdentityProvider
    pending: PendingLogins
    tenant: str
    roles: RoleMap


@dataclass(frozen=True, slots=True)
class Desk:
    """What logins need."""

    store: Store
    passwords: Passwords
    attempts: Attempts
    issuer: Issuer
    revocations: Revocations
    verify: Verify
    service_key: Callable[[], str | None]
    key_set: Callable[[datetime], Awaitable[dict[str, Any]]]
    clients: Mapping[str, Client]
    devices: Devices
    issuer_url: str | None
    """The issuer where it is an address, which clients compare; None where it is a mere name."""
    public_url: str | None
    external: External | None


async def check_password(desk: Desk, sent: Mapping[str, str], gives: Gives[Given], now: datetime) -> Given:
    """Of a grant, and of the pages on which people sign in."""
    tenant, password = sent.get("tenant", DEFAULT_TENANT), required(sent, "password")
    if not TENANT_NAME.fullmatch(tenant):
        raise InvalidRequest("tenant must be a name such as 'default'")
    if len(password) > PASSWORD_MAX:
        raise InvalidRequest(f"a password has at most {PASSWORD_MAX} characters")
    return await log_in(
        desk.store,
        desk.passwords,
        desk.attempts,
        gives,
        tenant=tenant,
        username=required(sent, "username"),
        password=password,
        otp=sent.get("otp"),
        address=countable_address(),
        now=now,
    )
