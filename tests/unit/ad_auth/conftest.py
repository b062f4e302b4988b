"""Auth on real storage, with passwords that cost next to nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ad_auth.adapters import tables
from ad_auth.adapters.argon2_passwords import Argon2Passwords
from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.cached_attempts import CachedAttempts
from ad_auth.adapters.cached_revocations import CachedRevocations
from ad_auth.adapters.signing import TokenSigner, make_signing_key
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.adapters.sql_store import SqlStore
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.domain.accounts import User
from ad_auth.main import build
from ad_auth.settings import AuthSettings
from ad_auth.usecases.create_user import create_user
from ad_auth.usecases.issue_token import Issuer
from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.outbox import Outbox
from ad_chassis.lifecycle import started
from ad_chassis.platform import Platform, open_platform
from ad_chassis.security.token_source import parse_api_key
from ad_chassis.testing.platform import embedded_settings
from tests.support.callers import caller

CHEAP = AuthSettings(
    password_memory_kib=8, password_rounds=1, password_lanes=1, max_failures=3, upkeep_seconds=3600
)
PASSWORD = "correct horse battery"
Hosted = Callable[..., AbstractAsyncContextManager[tuple[Platform, httpx2.AsyncClient]]]


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with open_platform(embedded_settings(tmp_path)) as platform:
        yield platform


@pytest.fixture
async def database(platform: Platform):
    database = platform.database(tables.SERVICE, "ad_auth.migrations")
    await database.start()
    return database


@pytest.fixture
async def store(platform: Platform, database, now: datetime) -> SqlStore:
    outbox = Outbox(database, platform.event_log, tables.outbox)
    store = SqlStore(database, outbox, AuditWriter(platform.codec), TenantWriter(platform.codec))
    async with store.transaction(EVERY_TENANT) as work:
        await work.add_tenant("default", now)
    return store


@pytest.fixture
async def passwords() -> AsyncIterator[Argon2Passwords]:
    passwords = Argon2Passwords(CHEAP)
    await passwords.start()
    yield passwords
    await passwords.stop()


@pytest.fixture
def revocations(platform: Platform) -> CachedRevocations:
    return CachedRevocations(platform.cache)


@pytest.fixture
def attempts(platform: Platform) -> CachedAttempts:
    return CachedAttempts(platform.cache, most=3, window_seconds=900)


@pytest.fixture
async def issuer(store: SqlStore, database, now: datetime) -> Issuer:
    keys = SqlSigningKeys(database)
    await keys.add(make_signing_key("ES256", 1, now, now))
    lifetimes = CHEAP.lifetimes(15)
    signer = TokenSigner(keys, issuer="here", audience="here", access_lifetime=lifetimes.access)
    return Issuer(signer, lifetimes)


@pytest.fixture
def add_user(store: SqlStore, passwords: Argon2Passwords, now: datetime) -> Callable[..., Awaitable[User]]:
    async def add(username: str = "ann", role: str = "operator", password: str = PASSWORD) -> User:
        return await create_user(
            store,
            passwords,
            by=caller(subject="tests"),
            username=username,
            password=password,
            role=role,
            now=now,
        )

    return add


@asynccontextmanager
async def host(
    folder: Path, auth: AuthSettings = CHEAP, **blocks: Any
) -> AsyncIterator[tuple[Platform, httpx2.AsyncClient]]:
    """The whole service in a folder, and a client without a token."""
    async with open_platform(embedded_settings(folder, **blocks)) as platform:
        service = build(platform, auth)
        platform.register(service.name, service.app)
        transport = httpx2.ASGITransport(service.app)
        async with (
            started([service]),
            httpx2.AsyncClient(transport=transport, base_url="http://auth/api/v1") as client,
        ):
            yield platform, client


@pytest.fixture
def hosted() -> Hosted:
    return host


async def add_ann(platform: Platform, client: httpx2.AsyncClient) -> None:
    body = {"username": "ann", "password": PASSWORD, "role": "operator"}
    service = {"Authorization": f"Bearer {await platform.tokens.token()}"}
    assert (await client.post("/users", json=body, headers=service)).status_code == 201


@pytest.fixture(scope="module")
async def shared_client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """One service for all tests of a module that change nothing; it has the operator ann."""
    async with host(tmp_path_factory.mktemp("auth")) as (platform, client):
        await add_ann(platform, client)
        yield client


@pytest.fixture
async def strict_client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A service that knows ann, and gives used refresh tokens no grace."""
    settings = CHEAP.model_copy(update={"refresh_grace_seconds": 0.0})
    async with host(tmp_path, settings) as (platform, client):
        await add_ann(platform, client)
        yield client


@pytest.fixture
async def running(hosted: Hosted, tmp_path: Path) -> AsyncIterator[tuple[Platform, httpx2.AsyncClient]]:
    async with hosted(tmp_path) as running:
        yield running


@pytest.fixture
def client(running) -> httpx2.AsyncClient:
    return running[1]


@pytest.fixture
async def administrator(running, client: httpx2.AsyncClient) -> dict[str, str]:
    """The header of the first administrator."""
    key_id, secret = parse_api_key((running[0].data_dir / "admin.key").read_text())
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    token = (await client.post("/auth/token", data=form)).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def ann(client: httpx2.AsyncClient, administrator: dict[str, str]) -> dict[str, str]:
    """A user who may read and write."""
    body = {"username": "ann", "password": PASSWORD, "role": "operator"}
    answer = await client.post("/users", json=body, headers=administrator)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
