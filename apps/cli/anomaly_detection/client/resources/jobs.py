"""Work on the platform that takes a while: training, and replays."""

from collections.abc import Callable
from typing import Any

from anomaly_detection.client.answers import Anomaly, Job, Replay
from anomaly_detection.client.calling import call, create, given, pages, segment
from anomaly_detection.client.effects import Items, Steps, Wait
from anomaly_detection.client.operations import Resource, Way, many, one

POLL_SECONDS = 0.5
GOING = ("queued", "running")
Progress = Callable[[float], object]


class Jobs(Resource[Way]):
    """Training."""

    @one
    def start(
        self, /, model: str, stream: str, *, algorithm: str = "isolation_forest", **fields: Any
    ) -> Steps[Job]:
        """Begins to train the next version of a model on the records of a stream.

        Further fields: `contamination`, `columns`, `parameters`, `time_limit_seconds`, `memory_limit_mb`.
        """
        return create(
            "/train", {"model": model, "algorithm": algorithm, "source": {"stream": stream}, **given(fields)}
        )

    @one
    def get(self, job_id: str) -> Steps[Job]:
        """How far a job is."""
        return call("GET", f"/train/{segment(job_id)}")

    @one
    def wait(self, job: Job, *, progress: Progress | None = None) -> Steps[Job]:
        """A job after its end, however it ended. Who stops waiting leaves it running."""
        return ended(job, f"/train/{segment(job['id'])}", "status", progress)

    @one
    def cancel(self, job_id: str) -> Steps[Job]:
        """Stops a job that has not ended."""
        return create(f"/train/{segment(job_id)}/cancel")

    @many
    def list(self, *, status: str | None = None, limit: int | None = None) -> Items[Job]:
        """Jobs, the newest first."""
        return pages("/train", {"status": status}, limit)


class Replays(Resource[Way]):
    """Records of the past, scored again."""

    @one
    def start(self, /, stream: str, **fields: Any) -> Steps[Replay]:
        """Begins a replay: `source`, `from`, `to`, `warm_from`, `configurations`, `labels`."""
        return create("/replays", {"stream": stream, **fields})

    @one
    def get(self, replay_id: str) -> Steps[Replay]:
        """How far a replay is, and what came of it."""
        return call("GET", f"/replays/{segment(replay_id)}")

    @one
    def wait(self, replay: Replay, *, progress: Progress | None = None) -> Steps[Replay]:
        """A replay after its end, however it ended."""
        return ended(replay, f"/replays/{segment(replay['id'])}", "state", progress)

    @one
    def cancel(self, replay_id: str) -> Steps[Replay]:
        """Stops a replay that has not ended."""
        return create(f"/replays/{segment(replay_id)}/cancel")

    @one
    def publish(
        self, replay_id: str, *, configuration: str = "a", progress: Progress | None = None
    ) -> Steps[dict[str, Any]]:
        """Corrects what was told live by what a replay found; ends when that is done."""
        return _published(replay_id, configuration, progress)

    @many
    def anomalies(
        self, replay_id: str, *, configuration: str = "a", limit: int | None = None
    ) -> Items[Anomaly]:
        """What it found."""
        return pages(f"/replays/{segment(replay_id)}/anomalies", {"configuration": configuration}, limit)

    @many
    def list(self, *, stream: str | None = None, limit: int | None = None) -> Items[Replay]:
        """Replays, the newest first."""
        return pages("/replays", {"stream": stream}, limit)


def ended(
    found: Any, path: str, state: str, progress: Progress | None, part: str | None = None
) -> Steps[Any]:
    """What is at a path, or a part of it, once it does not go on any more."""
    while found[state] in GOING:
        yield Wait(POLL_SECONDS)
        answer = yield from call("GET", path)
        found = answer if part is None else answer[part]
        if progress is not None:
            progress(found.get("progress") or 0.0)
    return found


def _published(replay_id: str, configuration: str, progress: Progress | None) -> Steps[dict[str, Any]]:
    path = f"/replays/{segment(replay_id)}"
    begun = yield from create(f"{path}/publish", {"configuration": configuration})
    found: dict[str, Any] = yield from ended(begun["publication"], path, "state", progress, "publication")
    return found
