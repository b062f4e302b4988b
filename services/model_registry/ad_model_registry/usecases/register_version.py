"""Stores an artifact as the next version of a model."""

import asyncio
import hashlib
from datetime import UTC, datetime

from ad_chassis.errors import Unprocessable
from ad_detectors.errors import ArtifactError
from ad_model_registry.domain.models import InvalidName, ModelVersion, checked_name
from ad_model_registry.ports import ArtifactReader, ArtifactStore, Registry


def artifact_key(tenant: str, model: str, sha256: str) -> str:
    return f"artifacts/{tenant}/{model}/{sha256}.adm"


async def register_version(
    registry: Registry,
    artifacts: ArtifactStore,
    reader: ArtifactReader,
    *,
    tenant: str,
    model: str,
    data: bytes,
    by: str,
    job_id: str | None = None,
) -> tuple[ModelVersion, bool]:
    """The version and whether it is new: the same bytes are the same version, however often they are sent."""
    try:
        name = checked_name(model)
        facts = await asyncio.to_thread(reader.read, data)
    except (ArtifactError, InvalidName) as error:
        raise Unprocessable(str(error)) from error
    sha256 = hashlib.sha256(data).hexdigest()
    # The artifact is stored first: a version without its bytes must never be seen.
    await artifacts.put(artifact_key(tenant, name, sha256), data)
    async with registry.transaction(tenant) as work:
        known = await work.version_by_hash(tenant, name, sha256)
        if known is not None:
            return known, False
        version = ModelVersion(
            tenant=tenant,
            model=name,
            version=await work.next_version(tenant, name),
            artifact_sha256=sha256,
            size_bytes=len(data),
            registered_by=by,
            registered_at=datetime.now(UTC),
            job_id=job_id,
            **facts._asdict(),
        )
        await work.add_version(version)
    return version, True
