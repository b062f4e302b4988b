"""Events as plain JSON."""

from ad_contracts.events import TrainingProgressed
from ad_contracts.json_view import json_view


def test_times_become_iso_text_and_the_rest_stays() -> None:
    event = TrainingProgressed(
        tenant="default",
        job_id="j",
        model="m",
        state="running",
        step="fit",
        progress=0.5,
        event_time_ms=1_500,
    )
    assert json_view(event) == {
        "tenant": "default",
        "job_id": "j",
        "model": "m",
        "state": "running",
        "step": "fit",
        "progress": 0.5,
        "event_time": "1970-01-01T00:00:01.500Z",
    }
