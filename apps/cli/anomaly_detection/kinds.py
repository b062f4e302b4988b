"""Who takes which kind of detector, for those who asked somebody else."""

from ad_detectors import catalog
from ad_detectors.errors import UnknownDetectorError

FITTED: tuple[catalog.Kind, ...] = ("batch", "series")
FOLLOW = "report = drift.update(drift.new_state(1), rows, time_ms)"
COMPARE = "report = drift.fit(reference).compare(rows)"
TALK = "scores = graph.update(graph.new_state(), sources, destinations, time_ms)"


def check_kind(name: str, kinds: tuple[catalog.Kind, ...]) -> None:
    """Refuse a detector of another kind, and show who takes it; unknown names are the catalogue's to refuse.

    Raises
    ------
    UnknownDetectorError

    Examples
    --------
    >>> check_kind("zscore", ("batch", "series"))
    """
    entry = catalog.ENTRIES.get(name)
    if entry is not None and entry.kind not in kinds:
        valid = ", ".join(each.name for each in catalog.ENTRIES.values() if each.kind in kinds)
        raise UnknownDetectorError(
            f"{name!r} is a {entry.kind} detector: {use_of(entry)}; valid here: {valid}"
        )


def use_of(entry: catalog.Entry) -> str:
    """Who takes a detector, with one line of Python.

    Examples
    --------
    >>> use_of(catalog.get("ewma"))
    "use StreamDetector, as in `StreamDetector('ewma').update(rows)`"
    """
    if entry.kind in FITTED:
        return f"use AnomalyDetector, as in `AnomalyDetector({entry.name!r}).fit(rows)`"
    if entry.kind == "streaming":
        return f"use StreamDetector, as in `StreamDetector({entry.name!r}).update(rows)`"
    call = "create_graph" if entry.kind == "graph" else "create_drift"
    rest = TALK if entry.kind == "graph" else FOLLOW if _follows(entry) else COMPARE
    made = f"from ad_detectors.catalog import {call}; {entry.kind} = {call}({entry.name!r})"
    return f"use {call}, as in `{made}; {rest}`"


def _follows(entry: catalog.Entry) -> bool:
    """Whether a drift detector follows a stream, rather than comparing a window with a reference."""
    return hasattr(entry.detector_type, "new_state")
