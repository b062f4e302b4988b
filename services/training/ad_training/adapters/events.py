"""Events of training as messages of the log."""

from datetime import UTC, datetime
from typing import Literal, cast

from ad_chassis.eventlog.port import Message
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import TrainingFinished, TrainingProgressed
from ad_contracts.headers import cloud_event
from ad_contracts.topics import topic
from ad_training.domain.jobs import Job

SOURCE = "training"
TOPIC = topic("training.events")


class EventWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def news(self, job: Job) -> Message:
        """What is to be told of the job as it is now."""
        now_ms = _milliseconds(datetime.now(UTC))
        event = _finished(job, now_ms) if job.ended else _progressed(job, now_ms)
        key = f"{job.tenant}/{job.id}"
        event_id = f"{key}#{job.attempt}.{job.status}.{job.phase}.{job.progress:g}"
        headers = cloud_event(event.schema, SOURCE, event_id, now_ms, CONTENT_TYPE)
        return Message(TOPIC, self._codec.encode(event), key=key.encode(), headers=headers)


def _progressed(job: Job, now_ms: int) -> TrainingProgressed:
    return TrainingProgressed(
        tenant=job.tenant,
        job_id=job.id,
        model=job.model,
        state="cancelling" if job.cancel_requested else job.status,
        step=job.phase,
        progress=job.progress,
        event_time_ms=now_ms,
    )


def _finished(job: Job, now_ms: int) -> TrainingFinished:
    return TrainingFinished(
        tenant=job.tenant,
        job_id=job.id,
        model=job.model,
        outcome=cast("Literal['succeeded', 'failed', 'cancelled']", job.status),
        version=job.version,
        reason=job.error,
        rows=job.rows,
        seconds=job.seconds,
        metrics=job.metrics,
        finished_time_ms=_milliseconds(job.finished_at) if job.finished_at else now_ms,
    )


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
