"""Points in time that a caller gave."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, overload

from pydantic import AwareDatetime, BeforeValidator

DATED = re.compile(r"\s*\d{4}-\d{2}-\d{2}")


def _as_text(value: Any) -> Any:
    """pydantic alone would take 5 for five seconds after the epoch, also where it comes as text."""
    if isinstance(value, int | float) or (isinstance(value, str) and not DATED.match(value)):
        raise ValueError("a moment is text as RFC 3339 has it, such as 2026-01-31T00:00:00Z")
    return value


Moment = Annotated[datetime, BeforeValidator(_as_text)]
ZonedMoment = Annotated[AwareDatetime, BeforeValidator(_as_text)]
"""One that must say its time zone."""


@overload
def milliseconds(moment: datetime) -> int: ...
@overload
def milliseconds(moment: datetime | None) -> int | None: ...
def milliseconds(moment: datetime | None) -> int | None:
    """Since the epoch; a time without a zone is taken as UTC. None stays None."""
    if moment is None:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
