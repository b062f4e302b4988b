"""What must be there before anybody can log in: a tenant, an administrator, the key of the services."""

from datetime import datetime

from ad_auth.domain.credentials import new_secret
from ad_auth.domain.roles import ADMINISTRATOR
from ad_auth.ports import AuditEntry, KeyFiles, Store
from ad_auth.usecases.create_key import new_key
from ad_chassis.errors import SettingsError, Unauthenticated
from ad_chassis.logs import get_logger
from ad_chassis.security.token_source import format_api_key, parse_api_key

SERVICE = "service"
log = get_logger("auth")


async def prepare_administrator(
    store: Store, files: KeyFiles, *, tenant: str, environment: str, now: datetime
) -> bool:
    """Whether one was made, because there was none."""
    async with store.transaction(tenant) as work:
        await work.add_tenant(tenant, now)
        await work.lock_tenant(tenant)
        if await work.administrators(tenant):
            return False
        key, text = new_key(tenant, "first administrator", ADMINISTRATOR, "auth", now, environment)
        await work.add_api_key(key)
        await work.record(AuditEntry(tenant, "auth", "create api key", key.id, "allowed", now))
        # Before the commit: a key that is stored and written nowhere would lock everybody out.
        path = await files.write_administrator(text)
    log.info("the first administrator was made; a file holds the key", path=path)
    return True


async def prepare_service_key(files: KeyFiles, configured: str | None) -> None:
    """Writes a key that services of this data directory log in with, unless the settings give one."""
    if configured is None:
        await files.write_service(format_api_key(SERVICE, new_secret()))
        return
    try:
        parse_api_key(configured)
    except Unauthenticated:
        raise SettingsError("ANOMALY_DETECTION_SERVICE_KEY must read ad_<id>_<secret>") from None
