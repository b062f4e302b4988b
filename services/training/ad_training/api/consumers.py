"""What comes in over the log: requests to train."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from ad_chassis.errors import PlatformError
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.handler import Observer, Outcome, Stateless
from ad_chassis.eventlog.port import Batch, Record
from ad_chassis.logs import get_logger
from ad_chassis.security.access import TENANT_NAME
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import TrainingRequested
from ad_training.api.schemas import TrainBody
from ad_training.domain.jobs import Job
from ad_training.domain.requests import TrainRequest
from ad_training.ports import JobStore
from ad_training.usecases.refuse_job import refuse_job

JOB_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
log = get_logger("training")
Submit = Callable[[TrainRequest], Awaitable[Job]]


class RequestHandler(Stateless):
    """Every event becomes a job, once: the job has the id of the event, and one that exists is left as it is."""

    def __init__(self, jobs: JobStore, submit: Submit, codec: Codec, observer: Observer) -> None:
        self._jobs = jobs
        self._submit = submit
        self._codec = codec
        self._observer = observer

    async def handle(self, batch: Batch) -> Outcome:
        await self._codec.learn(record.value or b"" for record in batch.records)
        for record in batch.records:
            try:
                event = self._decoded(record)
            except DecodeError as error:
                # Nobody can be told: no tenant is known. The message stays in its topic for who looks for it.
                log.warning("a request to train was passed over", offset=record.offset, reason=str(error))
                self._observer.poisoned(batch.source, str(error))
                continue
            await self._accept(event)
        return Outcome()

    async def _accept(self, event: TrainingRequested) -> None:
        try:
            body = _body(event)
        except ValidationError as error:
            return await self._refuse(event, _complaint(error))
        except ValueError as error:
            return await self._refuse(event, f"parameters_json or source_json is not valid JSON: {error}")
        try:
            await self._submit(body.in_domain(event.tenant, event.job_id, event.requested_by[:255]))
        except PlatformError as error:
            if error.outcome != "answer" or error.status >= 500:
                raise Transient(error.detail) from error
            await self._refuse(event, error.detail)
        return None

    async def _refuse(self, event: TrainingRequested, reason: str) -> None:
        await refuse_job(
            self._jobs,
            tenant=event.tenant,
            job_id=event.job_id,
            model=event.model,
            algorithm=event.algorithm,
            requested_by=event.requested_by,
            reason=reason,
        )

    def _decoded(self, record: Record) -> TrainingRequested:
        event = self._codec.decode(record.value or b"")
        if not isinstance(event, TrainingRequested):
            raise DecodeError(f"{event.schema} does not belong on this topic")
        if not TENANT_NAME.fullmatch(event.tenant) or not JOB_ID.fullmatch(event.job_id):
            raise DecodeError("tenant or job_id is not a name that can be stored")
        return event


def _body(event: TrainingRequested) -> TrainBody:
    """The event in the form of a request; `columns` may stand in the source."""
    source = json.loads(event.source_json)
    content: dict[str, Any] = {"model": event.model, "algorithm": event.algorithm, "source": source}
    if isinstance(source, dict) and "columns" in source:
        content["columns"] = source.pop("columns")
    if event.parameters_json:
        content["parameters"] = json.loads(event.parameters_json)
    return TrainBody.model_validate(content | {"contamination": event.contamination})


def _complaint(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors()[:5]
    )
