"""How much a tenant may have, and the answers to who wants more."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Self

from ad_chassis.errors import Forbidden, TooManyRequests

EXCEEDED = "urn:problem:anomaly-detection:quota-exceeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """None is no limit."""

    streams: int | None = None
    """Streams that there are; deleted ones do not count."""
    entities: int | None = None
    """Entities that all its streams may hold together: `max_entities` in each partition."""
    records_per_second: int | None = None
    """Records that come over REST, on average; ten seconds of them may come at once."""
    storage_bytes: int | None = None
    """Files of the lake."""
    jobs: int | None = None
    """Training jobs that are queued or run."""

    def over(self, own: Mapping[str, int]) -> Self:
        """These, but where a tenant has its own. A name that is not known here is for other services."""
        return type(self)(**{each: own.get(each, getattr(self, each)) for each in QUOTAS})


QUOTAS = tuple(each.name for each in fields(Quotas))


class QuotaExceeded(Forbidden):
    """A count that is reached; the problem names the quota, its limit and what is in use."""

    title = "Quota exceeded"
    type: ClassVar[str] = EXCEEDED

    def __init__(self, quota: str, limit: int, use: int, advice: str) -> None:
        super().__init__(f"the quota {quota!r} of your tenant is {limit:,}, and {use:,} are in use; {advice}")
        self.members = {"quota": quota, "limit": limit, "use": use}


class RateExceeded(TooManyRequests):
    """More in a time than a tenant may; goes by itself."""

    title = "Quota exceeded"
    type: ClassVar[str] = EXCEEDED

    def __init__(self, quota: str, limit: int, use: int, wait_seconds: float) -> None:
        super().__init__(
            f"the quota {quota!r} of your tenant is {limit:,}; wait as long as Retry-After says, nothing was stored",
            retry_after_seconds=max(1, math.ceil(wait_seconds)),
        )
        self.members = {"quota": quota, "limit": limit, "use": use}


def check_quota(quota: str, limit: int | None, use: int, advice: str, *, more: int = 1) -> None:
    """Raises unless so many more fit."""
    if limit is not None and use + more > limit:
        raise QuotaExceeded(quota, limit, use, advice)
