"""Routes of training."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security import Principal, require
from ad_training.api.schemas import JobAnswer, JobsPage, TrainBody
from ad_training.domain.jobs import Job, Sight, Status
from ad_training.domain.requests import TrainRequest
from ad_training.ports import JobStore, Uploads, Workers
from ad_training.usecases.cancel_job import cancel_job

Reader = Annotated[Principal, require("training:read")]
Writer = Annotated[Principal, require("training:write")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Key = Annotated[str | None, Header(max_length=255, description="The same key again gives the same job")]
Submit = Callable[[TrainRequest], Awaitable[Job]]
KEYED_JOBS = uuid.UUID("7d0d3b7e-2a4c-5f0e-9a54-6c1f1f0d5c3b")


def routes(jobs: JobStore, uploads: Uploads, workers: Workers, submit: Submit) -> APIRouter:
    router = APIRouter(prefix="/api/v1/train", tags=["training"])

    async def seen(principal: Principal, job_id: str) -> Job:
        found = await jobs.get(principal.tenant, job_id)
        if found is None or not _sight(principal).shows(found):
            raise NotFound(f"there is no job {job_id!r}; GET /api/v1/train lists those that exist")
        return found

    @router.post("", status_code=202)
    async def train(
        body: TrainBody, response: Response, principal: Writer, idempotency_key: Key = None
    ) -> JobAnswer:
        """Queues a training job. Its address is in Location; look there, or follow `training.events`."""
        job = await _submitted(submit, body, principal, _job_id(principal.tenant, idempotency_key))
        response.headers["Location"] = f"/api/v1/train/{job.id}"
        return JobAnswer.of(job)

    @router.get("")
    async def list_jobs(
        principal: Reader, status: Status | None = None, limit: Limit = 50, cursor: str | None = None
    ) -> JobsPage:
        """Jobs, newest first."""
        found = await jobs.page(principal.tenant, status, cursor, limit, _sight(principal))
        next_cursor = found[-1].id if len(found) == limit else None
        return JobsPage(items=[JobAnswer.of(each) for each in found], next_cursor=next_cursor)

    @router.get("/{job_id}")
    async def get_job(job_id: str, principal: Reader) -> JobAnswer:
        """One job: how far it is, or how it ended."""
        return JobAnswer.of(await seen(principal, job_id))

    @router.post("/{job_id}/cancel", status_code=202)
    async def cancel(job_id: str, principal: Writer) -> JobAnswer:
        """Ends a queued job at once, a running one within seconds."""
        await seen(principal, job_id)
        return JobAnswer.of(await cancel_job(jobs, uploads, workers, tenant=principal.tenant, job_id=job_id))

    @router.delete("/{job_id}", status_code=202)
    async def delete_job(job_id: str, principal: Writer) -> JobAnswer:
        """The same as cancel."""
        return await cancel(job_id, principal)

    return router


async def _submitted(submit: Submit, body: TrainBody, principal: Principal, job_id: str) -> Job:
    stream = body.source.stream
    if stream is not None and not principal.sees(stream):
        raise _no_stream(stream)
    try:
        job = await submit(body.in_domain(principal.tenant, job_id, principal.subject))
    except NotFound:
        # Its message lists all streams of the tenant.
        if principal.streams is None:
            raise
        raise _no_stream(stream or "") from None
    if not _sight(principal).shows(job):
        raise Conflict("this Idempotency-Key belongs to another job; choose another one")
    return job


def _sight(principal: Principal) -> Sight:
    return Sight(principal.streams, principal.subject)


def _no_stream(name: str) -> NotFound:
    return NotFound(f"there is no stream {name!r}; GET /api/v1/streams lists those that exist")


def _job_id(tenant: str, key: str | None) -> str:
    return str(uuid.uuid4() if key is None else uuid.uuid5(KEYED_JOBS, f"{tenant}/{key}"))
