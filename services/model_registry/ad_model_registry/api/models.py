"""Routes of models and their versions."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from ad_chassis.errors import NotFound, UnsupportedMediaType
from ad_chassis.security import Principal, require
from ad_model_registry.api.schemas import ModelAnswer, ModelsPage, SummaryAnswer, VersionAnswer
from ad_model_registry.ports import ArtifactReader, ArtifactStore, Registry
from ad_model_registry.usecases.delete_version import delete_version
from ad_model_registry.usecases.register_version import artifact_key, register_version

Reader = Annotated[Principal, require("models:read")]
Writer = Annotated[Principal, require("models:write")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
Limit = Annotated[int, Query(ge=1, le=1000)]
ARTIFACT_TYPES = {"application/zip", "application/octet-stream"}


def routes(registry: Registry, artifacts: ArtifactStore, reader: ArtifactReader) -> APIRouter:
    router = APIRouter(prefix="/api/v1/models", tags=["models"])
    _add_models(router, registry)
    _add_versions(router, registry, artifacts, reader)
    return router


def _add_models(router: APIRouter, registry: Registry) -> None:
    @router.get("")
    async def list_models(principal: Reader, limit: Limit = 50, cursor: str | None = None) -> ModelsPage:
        """Models by name, each with its latest version."""
        async with registry.transaction(principal.tenant, read_only=True) as work:
            found = await work.models(principal.tenant, cursor, limit)
        next_cursor = found[-1].name if len(found) == limit else None
        return ModelsPage(items=[SummaryAnswer.of(each) for each in found], next_cursor=next_cursor)

    @router.get("/{name}")
    async def get_model(name: str, principal: Reader) -> ModelAnswer:
        """A model with all its versions, oldest first."""
        async with registry.transaction(principal.tenant, read_only=True) as work:
            found = await work.versions(principal.tenant, name)
        if not found:
            raise NotFound(f"there is no model {name!r}; GET /api/v1/models lists those that exist")
        return ModelAnswer(name=name, versions=[VersionAnswer.of(each) for each in found])


def _add_versions(
    router: APIRouter, registry: Registry, artifacts: ArtifactStore, reader: ArtifactReader
) -> None:
    @router.post("/{name}/versions", status_code=201)
    async def upload_version(
        name: str, request: Request, response: Response, principal: Writer, job_id: str | None = None
    ) -> VersionAnswer:
        """Registers an artifact (.adm, application/zip). The same bytes again answer 200 with their version."""
        content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if content_type not in ARTIFACT_TYPES:
            raise UnsupportedMediaType(
                f"send the artifact as application/zip, not as {content_type or 'nothing'}"
            )
        version, created = await register_version(
            registry,
            artifacts,
            reader,
            tenant=principal.tenant,
            model=name,
            data=await request.body(),
            by=principal.subject,
            job_id=job_id,
        )
        response.status_code = 201 if created else 200
        response.headers["Location"] = f"/api/v1/models/{name}/versions/{version.version}"
        return VersionAnswer.of(version)

    @router.get("/{name}/versions/{version}")
    async def get_version(name: str, version: Version, principal: Reader) -> VersionAnswer:
        """One version."""
        async with registry.transaction(principal.tenant, read_only=True) as work:
            found = await work.version(principal.tenant, name, version)
        if found is None:
            raise NotFound(f"model {name!r} has no version {version}")
        return VersionAnswer.of(found)

    @router.get("/{name}/versions/{version}/artifact", response_class=Response)
    async def download_artifact(name: str, version: Version, principal: Reader) -> Response:
        """The signed artifact of a version, as it was registered."""
        found = await get_version(name, version, principal)
        data = await artifacts.get(artifact_key(principal.tenant, name, found.artifact_sha256))
        headers = {
            "ETag": f'"{found.artifact_sha256}"',
            "Content-Disposition": f'attachment; filename="{name}-{version}.adm"',
        }
        return Response(data, media_type="application/zip", headers=headers)

    @router.delete("/{name}/versions/{version}", status_code=204)
    async def remove_version(name: str, version: Version, principal: Writer) -> None:
        """Deletes a version that is not deployed."""
        await delete_version(
            registry,
            artifacts,
            tenant=principal.tenant,
            model=name,
            version=version,
            sees=principal.sees,
        )
