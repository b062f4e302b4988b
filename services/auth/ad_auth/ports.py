"""What auth needs of the outside."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from ad_auth.domain.accounts import ApiKey, Tenant, User
from ad_auth.domain.audit import AuditFilter, ChainedEntry, Order
from ad_auth.domain.authorization import Code
from ad_auth.domain.devices import Decision, DeviceRequest
from ad_auth.domain.external import Identity, PendingLogin
from ad_auth.domain.roles import Role
from ad_auth.domain.second_factor import SecondFactor
from ad_auth.domain.sessions import IssuedToken, RefreshToken, Session
from ad_auth.domain.signing_keys import SigningKey
from ad_chassis.database import Scope
from ad_chassis.security import Principal
from ad_contracts.audit_chain import Head
from ad_contracts.events import AuditRecorded

TokensBy = Literal["subject", "session", "token", "role", "tenant"]
Verify = Callable[[str], Awaitable[Principal]]
MakeSigningKey = Callable[[str, int, datetime, datetime], SigningKey]


class AuditEntry(NamedTuple):
    """Who did what; never with a secret."""

    tenant: str
    subject: str
    action: str
    resource: str | None
    outcome: Literal["allowed", "denied", "failed"]
    at: datetime
    details: Mapping[str, str] = MappingProxyType({})


class Users(Protocol):
    async def user(self, tenant: str, user_id: str) -> User | None:
        """Locked, with all that the user has, until the end of a transaction that writes."""

    async def user_by_name(self, tenant: str, username: str) -> User | None: ...
    async def users(self, tenant: str, after: str | None, limit: int) -> list[User]: ...
    async def add_user(self, user: User) -> None:
        """Raises `Conflict` when the name is taken."""

    async def save_user(self, user: User) -> None: ...
    async def remove_user(self, user: User) -> None:
        """With the sessions of the user."""


class SecondFactors(Protocol):
    """One a user, with recovery codes that are stored as hashes and gone when they are used."""

    async def second_factor(self, user: User) -> SecondFactor | None: ...
    async def save_second_factor(self, factor: SecondFactor) -> None: ...
    async def remove_second_factor(self, user: User) -> bool:
        """With its recovery codes; whether there was one."""

    async def replace_recovery_codes(self, user: User, hashes: Iterable[str], now: datetime) -> None: ...
    async def use_recovery_code(self, user: User, code_hash: str) -> bool: ...
    async def recovery_codes_left(self, user: User) -> int: ...


class Roles(Protocol):
    """Those that tenants made; the others are not stored."""

    async def role(self, tenant: str, name: str) -> Role | None: ...
    async def roles(self, tenant: str) -> list[Role]: ...
    async def add_role(self, role: Role) -> None:
        """Raises `Conflict` when the name is taken."""

    async def save_role(self, role: Role) -> None: ...
    async def remove_role(self, role: Role) -> None: ...
    async def holders(self, tenant: str, role: str, limit: int) -> list[str]:
        """Who has a role, such as "user 'ann'"."""


class ApiKeys(Protocol):
    async def api_key(self, key_id: str) -> ApiKey | None:
        """By id alone, as a key says itself whose it is; locked like a user."""

    async def api_keys(self, tenant: str, after: str | None, limit: int) -> list[ApiKey]: ...
    async def add_api_key(self, key: ApiKey) -> None: ...
    async def save_api_key(self, key: ApiKey) -> None: ...
    async def touch_api_key(self, key: ApiKey, now: datetime) -> None: ...
    async def remove_api_key(self, key: ApiKey) -> None: ...


class Sessions(Protocol):
    async def session(self, tenant: str, session_id: str) -> Session | None: ...
    async def add_session(self, session: Session) -> None: ...
    async def revoke_session(self, session: Session, now: datetime) -> None: ...
    async def revoke_sessions_of(self, user: User, now: datetime) -> None: ...
    async def refresh_token(self, token_hash: str) -> RefreshToken | None: ...
    async def add_refresh_token(self, token: RefreshToken) -> None: ...
    async def use_refresh_token(self, token: RefreshToken, now: datetime) -> None: ...
    async def add_token(self, token: IssuedToken) -> None: ...
    async def token(self, tenant: str, token_id: str) -> IssuedToken | None: ...
    async def revoke_tokens(self, tenant: str, by: TokensBy, value: str, now: datetime) -> list[IssuedToken]:
        """Those that have not ended yet; to be announced after the commit."""

    async def revoked_tokens(self, now: datetime) -> list[IssuedToken]: ...
    async def remove_expired(self, now: datetime) -> None: ...


class AuditLog(Protocol):
    async def chain(self, events: Sequence[AuditRecorded]) -> None:
        """Adds what is not there yet to the chains of its tenants."""

    async def audit_entries(
        self, tenant: str, wanted: AuditFilter, order: Order, after: int | None, limit: int
    ) -> list[ChainedEntry]:
        """Those behind `after` in that order."""

    async def audit_head(self, tenant: str) -> Head: ...
    async def audit_heads(self) -> dict[str, Head]: ...


class Codes(Protocol):
    async def code(self, code_hash: str) -> Code | None: ...
    async def add_code(self, code: Code) -> None: ...
    async def use_code(self, code: Code, session_id: str | None, now: datetime) -> None:
        """With the session that it opened, if it did."""


class Identities(Protocol):
    async def identity(self, tenant: str, issuer: str, subject: str) -> Identity | None: ...
    async def add_identity(self, identity: Identity) -> None: ...


class Transaction(Users, SecondFactors, Roles, ApiKeys, Sessions, Codes, Identities, AuditLog, Protocol):
    """Reads and writes that count together, with their entries in the audit log."""

    async def add_tenant(self, tenant: str, now: datetime) -> None:
        """Nothing when it is there."""

    async def tenant(self, tenant: str) -> Tenant | None: ...
    async def tenants(self, after: str | None, limit: int) -> list[Tenant]:
        """By name."""

    async def save_tenant(self, tenant: Tenant) -> None: ...
    async def tell_tenant(self, tenant: Tenant) -> None:
        """The other services hear of it after the commit."""

    async def lock_tenant(self, tenant: str) -> bool:
        """Waits for others who change its administrators; False when there is no such tenant."""

    async def administrators(self, tenant: str, but: str | None = None) -> int:
        """Users and keys with that role in all streams, which neither expire nor are suspended."""

    async def tell_erased(self, tenant: str) -> None:
        """The other services forget it after the commit."""

    async def record(self, entry: AuditEntry) -> None:
        """Chained with the commit and told after it."""


class Store(Protocol):
    def transaction(
        self, scope: Scope, *, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Commits at the end; audit entries are published after the commit."""


class SigningKeys(Protocol):
    async def all(self) -> list[SigningKey]: ...
    async def add(self, key: SigningKey) -> None:
        """Stores a generation once, a second one is dropped; those before it retire when it begins to sign."""


class Signer(Protocol):
    async def sign(self, principal: Principal, *, now: datetime, lifetime: timedelta) -> str: ...


class Passwords(Protocol):
    async def hash(self, password: str) -> str: ...
    async def verify(self, password_hash: str | None, password: str) -> bool:
        """False after the same work when there is no hash, because there is no such user."""

    async def leaked(self, password: str) -> bool:
        """Whether it is in the list of passwords that leaked, if there is one."""

    def outdated(self, password_hash: str) -> bool: ...


class Attempts(Protocol):
    async def count(self, tenant: str, username: str, address: str | None = None) -> None:
        """Before each try. Raises `TooManyTries` when there were too many, or the last one was too short ago."""

    async def forget(self, tenant: str, username: str, address: str | None = None) -> None:
        """After a try that was good."""

    async def take_back(self, tenant: str, username: str, address: str | None = None) -> None:
        """After a try that nobody could look at."""


class Devices(Protocol):
    """Logins on other devices; each is over after a while, whatever happens."""

    async def add(self, device: DeviceRequest) -> bool:
        """False when another one has this code of the person."""

    async def by_user_code(self, user_hash: str) -> DeviceRequest | None:
        """None once it was decided."""

    async def by_device_code(self, device_hash: str) -> DeviceRequest | None: ...
    async def decide(self, device: DeviceRequest, decision: Decision) -> bool:
        """Counts once; False when somebody was faster, or it is over."""

    async def may_poll(self, device: DeviceRequest) -> bool:
        """Whether the interval has passed; each time that it has not makes it longer."""

    async def take_decision(self, device: DeviceRequest) -> Decision | None:
        """Of several who ask one gets it, and the device code is over."""

    async def count_guess(self, address: str | None) -> None:
        """Before a code is looked at. Raises `TooManyRequests` when there were too many; None counts nothing."""

    async def take_back_guess(self, address: str | None) -> None:
        """After a code that was right."""


class PendingLogins(Protocol):
    """Browsers that are at the external provider."""

    async def keep(self, state: str, login: PendingLogin) -> None: ...
    async def take(self, state: str) -> PendingLogin | None:
        """Once."""


class IdentityProvider(Protocol):
    async def address(self, *, state: str, nonce: str, challenge: str) -> str:
        """Where the browser goes to sign in."""

    async def claims(
        self, *, code: str, answered_by: str | None, verifier: str, nonce: str
    ) -> Mapping[str, Any]:
        """Of the person who signed in, verified; raises `IdentityRefused` when something is wrong."""


class Revocations(Protocol):
    async def announce(self, tokens: Iterable[IssuedToken], now: datetime) -> None:
        """From now on every service refuses them."""


class KeyFiles(Protocol):
    async def write_administrator(self, key: str) -> str:
        """Replaces the file; where it lies."""

    async def write_service(self, key: str) -> None:
        """Unless there is one."""
