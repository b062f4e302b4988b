"""Who calls the use cases of auth."""

from collections.abc import Iterable

from ad_chassis.security import Principal
from ad_chassis.security.permissions import EVERYTHING, expanded


def caller(
    permissions: Iterable[str] = EVERYTHING,
    *,
    tenant: str = "default",
    streams: Iterable[str] | None = None,
    subject: str = "me",
) -> Principal:
    """An administrator, unless told."""
    bound = None if streams is None else frozenset(streams)
    return Principal(subject, tenant, expanded(permissions), streams=bound)
