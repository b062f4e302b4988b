"""The registry in SQLite or PostgreSQL; events go through the outbox."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import Database, Scope, upsert
from ad_chassis.database.outbox import Outbox
from ad_chassis.errors import Conflict
from ad_model_registry.adapters import tables
from ad_model_registry.adapters.events import EventWriter
from ad_model_registry.domain.models import Deployed, Deployment, ModelSummary, ModelVersion

versions = tables.model_versions.c
deployments = tables.deployments.c


class SqlTransaction:
    def __init__(self, session: AsyncSession, outbox: Outbox, events: EventWriter) -> None:
        self._session = session
        self._outbox = outbox
        self._events = events

    async def version_by_hash(self, tenant: str, model: str, sha256: str) -> ModelVersion | None:
        return await self._one_version(
            versions.tenant == tenant, versions.model == model, versions.artifact_sha256 == sha256
        )

    async def version(self, tenant: str, model: str, version: int) -> ModelVersion | None:
        return await self._one_version(
            versions.tenant == tenant, versions.model == model, versions.version == version
        )

    async def latest_version(self, tenant: str, model: str) -> ModelVersion | None:
        found = await self.versions(tenant, model)
        return found[-1] if found else None

    async def next_version(self, tenant: str, model: str) -> int:
        numbers = tables.model_numbers
        query = select(numbers.c.last_version).where(numbers.c.tenant == tenant, numbers.c.model == model)
        last = (await self._session.execute(query.with_for_update())).scalar_one_or_none() or 0
        row = {"tenant": tenant, "model": model, "last_version": last + 1}
        await upsert(self._session, numbers, [row], keys=["tenant", "model"])
        return last + 1

    async def versions(self, tenant: str, model: str) -> list[ModelVersion]:
        query = select(tables.model_versions).where(versions.tenant == tenant, versions.model == model)
        rows = await self._session.execute(query.order_by(versions.version))
        return [_version(row) for row in rows]

    async def models(self, tenant: str, after: str | None, limit: int) -> list[ModelSummary]:
        newest = (
            select(versions.model, func.max(versions.version).label("latest"), func.count().label("total"))
            .where(versions.tenant == tenant, versions.model > (after or ""))
            .group_by(versions.model)
            .order_by(versions.model)
            .limit(limit)
            .subquery()
        )
        same = and_(
            versions.model == newest.c.model, versions.version == newest.c.latest, versions.tenant == tenant
        )
        query = select(tables.model_versions, newest.c.total).join(newest, same).order_by(versions.model)
        rows = await self._session.execute(query)
        return [
            ModelSummary(row.model, row.version, row.total, row.algorithm, row.registered_at) for row in rows
        ]

    async def add_version(self, version: ModelVersion) -> None:
        row = {name: getattr(version, name) for name in versions.keys()}  # noqa: SIM118 - columns, no dict
        await self._session.execute(
            insert(tables.model_versions), [row | {"features": list(version.features)}]
        )
        await self._outbox.add(self._session, [self._events.version_registered(version)])

    async def remove_version(self, version: ModelVersion) -> None:
        await self._session.execute(
            delete(tables.model_versions).where(
                versions.tenant == version.tenant,
                versions.model == version.model,
                versions.version == version.version,
            )
        )

    async def deployment(self, tenant: str, stream: str) -> Deployment:
        query = select(tables.deployments).where(deployments.tenant == tenant, deployments.stream == stream)
        newest = query.order_by(deployments.revision.desc()).limit(1)
        row = (await self._session.execute(newest)).one_or_none()
        return _deployment(row) if row else Deployment(tenant, stream)

    async def deployment_at(self, tenant: str, stream: str, revision: int) -> Deployment:
        query = select(tables.deployments).where(
            deployments.tenant == tenant, deployments.stream == stream, deployments.revision == revision
        )
        row = (await self._session.execute(query)).one_or_none()
        return _deployment(row) if row else Deployment(tenant, stream)

    async def deployments(
        self, tenant: str, after: str | None, limit: int | None, among: frozenset[str] | None = None
    ) -> list[Deployment]:
        newest = _newest_revisions()
        query = (
            select(tables.deployments)
            .join(newest, _same_revision(newest))
            .where(deployments.tenant == tenant, deployments.stream > (after or ""))
            .order_by(deployments.stream)
            .limit(limit)
        )
        if among is not None:
            query = query.where(deployments.stream.in_(among))
        return [_deployment(row) for row in await self._session.execute(query)]

    async def deployed_on(self, tenant: str, model: str, version: int) -> Sequence[str]:
        found = await self.deployments(tenant, None, None)
        return [each.stream for each in found if each.holds(model, version)]

    async def save_deployment(self, deployment: Deployment) -> None:
        champion = deployment.champion
        row = {
            "tenant": deployment.tenant,
            "stream": deployment.stream,
            "revision": deployment.revision,
            "model": champion.model if champion else None,
            "version": champion.version if champion else None,
            "artifact_sha256": champion.artifact_sha256 if champion else None,
            "parent": deployment.parent,
            "previous": _document(deployment.previous),
            "challengers": [_document(each) for each in deployment.challengers] or None,
            "changed_by": deployment.changed_by,
            "changed_at": deployment.changed_at,
        }
        try:
            await self._session.execute(insert(tables.deployments), [row])
        except IntegrityError as error:
            raise Conflict(
                f"the deployment of {deployment.stream!r} was changed at the same time; try again"
            ) from error
        await self._outbox.add(self._session, [self._events.deployment_changed(deployment)])

    async def tell_gone(self, tenant: str) -> None:
        """Detection forgets the deployments of all its streams."""
        names = await self._session.scalars(
            select(deployments.stream).where(deployments.tenant == tenant).distinct()
        )
        await self._outbox.add(self._session, [self._events.deployment_gone(tenant, each) for each in names])

    async def _one_version(self, *conditions: Any) -> ModelVersion | None:
        row = (await self._session.execute(select(tables.model_versions).where(*conditions))).one_or_none()
        return _version(row) if row else None


class SqlRegistry:
    def __init__(self, database: Database, outbox: Outbox, events: EventWriter) -> None:
        self._database = database
        self._outbox = outbox
        self._events = events

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[SqlTransaction]:
        async with self._database.session(scope, read_only=read_only) as session:
            yield SqlTransaction(session, self._outbox, self._events)
        if not read_only:
            await self._outbox.publish()


def _newest_revisions() -> Any:
    return (
        select(deployments.tenant, deployments.stream, func.max(deployments.revision).label("revision"))
        .group_by(deployments.tenant, deployments.stream)
        .subquery()
    )


def _same_revision(newest: Any) -> Any:
    return and_(
        deployments.tenant == newest.c.tenant,
        deployments.stream == newest.c.stream,
        deployments.revision == newest.c.revision,
    )


def _version(row: Row[Any]) -> ModelVersion:
    fields = row._asdict()
    return ModelVersion(**fields | {"features": tuple(fields["features"])})


def _deployment(row: Row[Any]) -> Deployment:
    champion = Deployed(row.model, row.version, row.artifact_sha256) if row.model is not None else None
    return Deployment(
        tenant=row.tenant,
        stream=row.stream,
        revision=row.revision,
        champion=champion,
        parent=row.parent,
        previous=Deployed(**row.previous) if row.previous else None,
        challengers=tuple(Deployed(**each) for each in row.challengers or ()),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def _document(deployed: Deployed | None) -> dict[str, Any] | None:
    return None if deployed is None else asdict(deployed)
