"""Checks a request and puts it into the queue."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from ad_chassis.errors import Unprocessable
from ad_chassis.tenants import QuotaExceeded
from ad_detectors import catalog
from ad_detectors.errors import DetectorError, UnknownDetectorError
from ad_training.domain.jobs import Job
from ad_training.domain.requests import (
    InvalidRequest,
    Limits,
    RowsSource,
    StreamSource,
    TrainRequest,
    check_period,
    chosen_columns,
)
from ad_training.domain.table import table_of, too_few
from ad_training.ports import JobStore, Limited, Streams, Uploads, Workers

DEFAULT_CONTAMINATION = 0.05


async def submit_job(
    jobs: JobStore,
    streams: Streams,
    uploads: Uploads,
    workers: Workers,
    limits: Limits,
    limited: Limited,
    request: TrainRequest,
) -> Job:
    """The queued job. A request with the id of an earlier one changes nothing and gets that job."""
    known = await jobs.get(request.tenant, request.job_id)
    if known is not None:
        return known
    try:
        parameters = await asyncio.to_thread(_checked_parameters, request.algorithm, request.parameters)
        seconds = limits.time_for(request.time_limit_seconds)
        memory_mb = limits.memory_for(request.memory_limit_mb)
        columns, source = await _prepared(streams, uploads, request)
    except InvalidRequest as error:
        raise Unprocessable(str(error), errors=[{"field": error.field, "message": str(error)}]) from error
    given = request.contamination
    job = Job(
        tenant=request.tenant,
        id=request.job_id,
        model=request.model,
        algorithm=request.algorithm,
        parameters=parameters,
        contamination=DEFAULT_CONTAMINATION if given is None else given,
        columns=columns,
        source=source,
        time_limit_seconds=seconds,
        memory_limit_mb=memory_mb,
        requested_by=request.requested_by,
        created_at=datetime.now(UTC),
    )
    try:
        added = await jobs.add(job, limited.quotas(job.tenant).jobs)
    except QuotaExceeded:
        await uploads.discard(job)
        raise
    if not added:
        return await jobs.get(request.tenant, request.job_id) or job
    workers.wake()
    return job


def _checked_parameters(algorithm: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters with their defaults. In a thread: the detector's module is imported for it."""
    try:
        return catalog.get(algorithm, "batch").detector_type.parameters_type.of(parameters).as_dict()
    except UnknownDetectorError as error:
        raise InvalidRequest("algorithm", str(error)) from error
    except DetectorError as error:
        raise InvalidRequest("parameters", str(error)) from error


async def _prepared(
    streams: Streams, uploads: Uploads, request: TrainRequest
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Columns and source of the job; rows of the request are put where the job will find them."""
    if isinstance(request.source, StreamSource):
        return await _stream_columns(streams, request, request.source), request.source.as_document()
    columns, rows, data = await asyncio.to_thread(_encoded, request.source, request.columns)
    await uploads.put(request.tenant, request.job_id, data)
    return columns, {"rows": rows}


async def _stream_columns(streams: Streams, request: TrainRequest, source: StreamSource) -> tuple[str, ...]:
    check_period(source)
    facts = await streams.describe(request.tenant, source.stream)
    if facts.features is None or facts.accepted == 0:
        raise InvalidRequest("source.stream", f"stream {source.stream!r} has no records yet; send some first")
    columns = chosen_columns(request.columns, facts.features, f"stream {source.stream!r}")
    if reason := too_few(facts.accepted):
        raise InvalidRequest("source.stream", f"stream {source.stream!r}: {reason}; send more first")
    return columns


def _encoded(source: RowsSource, wanted: tuple[str, ...] | None) -> tuple[tuple[str, ...], int, bytes]:
    table = table_of(source.rows, wanted)
    buffer = BytesIO()
    table.write_ipc_stream(buffer)
    return tuple(table.columns), table.height, buffer.getvalue()
