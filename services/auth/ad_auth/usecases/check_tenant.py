"""Nobody of a suspended tenant gets a token."""

from ad_auth.ports import Transaction
from ad_chassis.errors import Forbidden
from ad_chassis.logs import security_event


async def check_tenant(work: Transaction, tenant: str, subject: str) -> None:
    """After the caller has proved who they are: to others it is no business."""
    found = await work.tenant(tenant)
    if found is not None and found.suspended_at is not None:
        security_event("tenant suspended", tenant=tenant, subject=subject)
        raise Forbidden(
            f"the tenant {tenant!r} is suspended; the operator of the platform can admit it again"
        )
