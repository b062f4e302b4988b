"""Points in time that a caller gave."""

from datetime import UTC, datetime
from typing import overload


@overload
def milliseconds(moment: datetime) -> int: ...
@overload
def milliseconds(moment: datetime | None) -> int | None: ...
def milliseconds(moment: datetime | None) -> int | None:
    """Since the epoch; a time without a zone is taken as UTC. None stays None."""
    if moment is None:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
