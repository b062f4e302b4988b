"""Promotes a version to a stream, rolls back, withdraws; lets versions score in the shadow."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ad_chassis.errors import Conflict, NotFound, PreconditionFailed, Unprocessable
from ad_model_registry.domain.models import (
    Deployed,
    Deployment,
    ModelVersion,
    Unfit,
    promoted,
    require_fit,
    rolled_back,
    shadowed,
    withdrawn,
)
from ad_model_registry.ports import Registry, StreamDirectory, Transaction


async def promote_model(
    registry: Registry,
    streams: StreamDirectory,
    *,
    tenant: str,
    stream: str,
    model: str,
    version: int | None,
    by: str,
    expected_revision: int | None = None,
) -> Deployment:
    """Makes a version (the latest unless named) the champion of a stream that carries its features."""
    features = await streams.features(tenant, stream)
    async with registry.transaction(tenant) as work:
        champion = await _fitting(work, tenant, stream, features, model, version)
        current = await _expected(work, tenant, stream, expected_revision)
        changed = promoted(current, champion, by, datetime.now(UTC))
        if changed is not current:
            await work.save_deployment(changed)
    return changed


async def shadow_models(
    registry: Registry,
    streams: StreamDirectory,
    *,
    tenant: str,
    stream: str,
    challengers: Sequence[tuple[str, int | None]],
    by: str,
    expected_revision: int | None = None,
) -> Deployment:
    """Lets these versions, and no other, score a stream beside its champion; the latest of a model unless named."""
    features = await streams.features(tenant, stream) if challengers else None
    async with registry.transaction(tenant) as work:
        chosen = [await _fitting(work, tenant, stream, features, *each) for each in challengers]
        current = await _expected(work, tenant, stream, expected_revision)
        try:
            changed = shadowed(current, tuple(chosen), by, datetime.now(UTC))
        except Unfit as error:
            raise Unprocessable(str(error)) from error
        if changed is not current:
            await work.save_deployment(changed)
    return changed


async def roll_back_model(
    registry: Registry,
    streams: StreamDirectory,
    *,
    tenant: str,
    stream: str,
    model: str,
    by: str,
    expected_revision: int | None = None,
) -> Deployment:
    """Goes back to what scored the stream before the champion was promoted."""
    async with registry.transaction(tenant) as work:
        current = await _expected(work, tenant, stream, expected_revision)
        if current.champion is None or current.champion.model != model:
            if current.champion is None:
                # A stream that does not exist is the better reason; where a model serves, nobody need be asked.
                await streams.features(tenant, stream)
            serving = current.champion.reference if current.champion else "the streaming detector"
            raise Conflict(
                f"stream {stream!r} is scored by {serving}, not by {model!r}; there is nothing to roll back"
            )
        parent = await work.deployment_at(tenant, stream, current.parent or 0)
        if parent.champion is not None:
            champion = parent.champion
            if await work.version(tenant, champion.model, champion.version) is None:
                raise Conflict(
                    f"{champion.reference}, which scored {stream!r} before, was deleted; promote another version"
                )
        changed = rolled_back(current, parent, by, datetime.now(UTC))
        await work.save_deployment(changed)
    return changed


async def withdraw_model(
    registry: Registry, *, tenant: str, stream: str, by: str, expected_revision: int | None = None
) -> Deployment:
    """Gives a stream back to the streaming detector alone."""
    async with registry.transaction(tenant) as work:
        current = await _expected(work, tenant, stream, expected_revision)
        if current.champion is None and not current.challengers:
            raise NotFound(f"no model is deployed on stream {stream!r}")
        changed = withdrawn(current, by, datetime.now(UTC))
        await work.save_deployment(changed)
    return changed


async def _fitting(
    work: Transaction,
    tenant: str,
    stream: str,
    features: frozenset[str] | None,
    model: str,
    version: int | None,
) -> Deployed:
    """The version, which has to be one that can score the stream."""
    chosen = await _chosen(work, tenant, model, version)
    if features is None:
        raise Conflict(f"stream {stream!r} has no schema yet; send its first records, or give it one")
    try:
        require_fit(chosen, stream, features)
    except Unfit as error:
        raise Unprocessable(str(error)) from error
    return Deployed(chosen.model, chosen.version, chosen.artifact_sha256)


async def _chosen(work: Transaction, tenant: str, model: str, version: int | None) -> ModelVersion:
    if version is None:
        found = await work.latest_version(tenant, model)
    else:
        found = await work.version(tenant, model, version)
    if found is not None:
        return found
    have = [str(each.version) for each in await work.versions(tenant, model)]
    if have:
        raise NotFound(f"model {model!r} has no version {version}; it has {', '.join(have)}")
    raise NotFound(
        f"there is no model {model!r}; train one, or upload an artifact to /api/v1/models/{model}/versions"
    )


async def _expected(work: Transaction, tenant: str, stream: str, revision: int | None) -> Deployment:
    current = await work.deployment(tenant, stream)
    if revision is not None and revision != current.revision:
        raise PreconditionFailed(
            f"the deployment of {stream!r} is at revision {current.revision}, not {revision}; read it again"
        )
    return current
