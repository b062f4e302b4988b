"""The first start."""

import asyncio
import stat

import pytest

from ad_auth.adapters.key_files import DataDirectory
from ad_auth.domain.credentials import digest
from ad_auth.usecases.prepare import prepare_administrator, prepare_service_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import SettingsError
from ad_chassis.security.token_source import parse_api_key


class FullDisk:
    """Files that cannot be written."""

    async def write_administrator(self, key: str) -> str:
        raise OSError("no space left")

    async def write_service(self, key: str) -> None:
        raise OSError("no space left")


@pytest.fixture
def files(tmp_path):
    return DataDirectory(tmp_path)


async def test_the_first_start_writes_a_key_that_only_its_owner_can_read(store, files, tmp_path, now) -> None:
    assert await prepare_administrator(store, files, tenant="default", environment="test", now=now)
    path = tmp_path / "admin.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key_id, secret = parse_api_key(path.read_text())
    async with store.transaction(EVERY_TENANT) as work:
        key = await work.api_key(key_id)
    assert (key.role, key.secret_hash, key.expires_at) == ("admin", digest(secret), None)


async def test_where_there_is_an_administrator_no_key_is_written(
    store, files, tmp_path, add_user, now
) -> None:
    await add_user("ann", "admin")
    assert not await prepare_administrator(store, files, tenant="default", environment="test", now=now)
    assert not (tmp_path / "admin.key").exists()


async def test_of_many_that_start_at_once_one_makes_the_administrator(store, files, tmp_path, now) -> None:
    made = await asyncio.gather(
        *(
            prepare_administrator(store, files, tenant="default", environment="test", now=now)
            for _ in range(5)
        )
    )
    assert sorted(made) == [False, False, False, False, True]
    async with store.transaction(EVERY_TENANT) as work:
        [key] = await work.api_keys("default", None, 10)
    assert parse_api_key((tmp_path / "admin.key").read_text())[0] == key.id


async def test_a_key_that_could_not_be_written_was_never_made(store, files, now) -> None:
    with pytest.raises(OSError, match="no space left"):
        await prepare_administrator(store, FullDisk(), tenant="default", environment="test", now=now)
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.administrators("default") == 0
    assert await prepare_administrator(store, files, tenant="default", environment="test", now=now)


async def test_the_key_is_in_no_log(store, files, tmp_path, now, capfd, caplog) -> None:
    await prepare_administrator(store, files, tenant="default", environment="test", now=now)
    _, secret = parse_api_key((tmp_path / "admin.key").read_text())
    assert secret not in "".join(capfd.readouterr()) + caplog.text


async def test_the_service_key_is_written_once_whoever_comes_first(files, tmp_path) -> None:
    await asyncio.gather(*(prepare_service_key(files, None) for _ in range(5)))
    path = tmp_path / "service.key"
    text = path.read_text()
    await prepare_service_key(files, None)
    assert path.read_text() == text
    assert parse_api_key(text)[0] == "service"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.glob(".service*")] == []


async def test_a_service_key_of_the_settings_is_checked_and_nothing_written(files, tmp_path) -> None:
    await prepare_service_key(files, "ad_service_secret")
    assert not (tmp_path / "service.key").exists()
    with pytest.raises(SettingsError, match="ANOMALY_DETECTION_SERVICE_KEY must read") as caught:
        await prepare_service_key(files, "hunter2")
    assert "hunter2" not in str(caught.value)
