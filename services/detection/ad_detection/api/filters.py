"""What lists of anomalies and of episodes are asked for by."""

from typing import Annotated

from fastapi import Query

from ad_detectors.calibration.severity import NAMES, Severity

Limit = Annotated[int, Query(ge=1, le=1000)]
StreamName = Annotated[str, Query(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
EpisodeId = Annotated[str, Query(max_length=36, description="Only the anomalies of this episode.")]

Superseded = Annotated[bool, Query(description="Also what corrections superseded or retracted.")]


def at_least(severity: Severity | None) -> tuple[str, ...]:
    """The severities to show when this is the lowest; none means all."""
    return () if severity is None else NAMES[NAMES.index(severity) :]
