"""Which failures may go away by themselves, and how long to wait for that."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from anomaly_detection.client.effects import Request
from anomaly_detection.client.problems import NoAnswer, NobodyThere, ServerError

FIRST_WAIT_SECONDS = 0.4
LONGEST_WAIT_SECONDS = 15.0
PASSING = {429, 502, 503, 504}
ONGOING = 409
"""With Retry-After: the first call with this Idempotency-Key is still being answered."""


@dataclass(frozen=True)
class Retry:
    """How long a call is tried that is safe to repeat.

    Parameters
    ----------
    tries : int, default 5
        At most so many; 1 never tries again.
    within_seconds : float, default 60
        No wait begins that would end later than this after the first try.
    """

    tries: int = 5
    within_seconds: float = 60.0

    def wait_seconds(self, failure: ServerError, spent_seconds: float, chance: float) -> float | None:
        """Before the next try, after `failure.tries`; None when that was the last. `chance` is from 0 to 1."""
        if failure.tries >= self.tries:
            return None
        ceiling = min(FIRST_WAIT_SECONDS * 2 ** (failure.tries - 1), LONGEST_WAIT_SECONDS)
        # All of it by chance: clients that failed together must not come back together, also not after Retry-After.
        seconds = asked_seconds(failure.retry_after, datetime.now(UTC)) + chance * ceiling
        return seconds if spent_seconds + seconds <= self.within_seconds else None


def may_pass(request: Request, failure: ServerError, *, met: bool) -> bool:
    """Whether another try is safe and can help. `met`: this server has answered before."""
    if isinstance(failure, NobodyThere):
        # Nobody at an address that never answered is more likely a wrong address than an outage.
        return met
    if failure.status == 429:
        return True
    if not request.safe:
        return False
    ongoing = failure.status == ONGOING and failure.retry_after is not None
    return isinstance(failure, NoAnswer) or failure.status in PASSING or ongoing


def asked_seconds(retry_after: str | None, now: datetime) -> float:
    """Of a header Retry-After, in seconds or as a date; what is neither asks for nothing."""
    if retry_after is None:
        return 0.0
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - now).total_seconds(), 0.0)
