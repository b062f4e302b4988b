"""Routes of deployments: which model scores which stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from ad_chassis.errors import BadRequest, NotFound
from ad_chassis.security import Principal, require
from ad_model_registry.api.schemas import (
    Challengers,
    DeploymentAnswer,
    DeploymentsPage,
    Promotion,
    Rollback,
)
from ad_model_registry.domain.models import Deployment
from ad_model_registry.ports import Registry, StreamDirectory
from ad_model_registry.usecases.change_deployment import (
    promote_model,
    roll_back_model,
    shadow_models,
    withdraw_model,
)

Reader = Annotated[Principal, require("models:read")]
Promoter = Annotated[Principal, require("models:promote")]
IfMatch = Annotated[str | None, Header(description="The ETag of the deployment that is to be changed")]
MAX_DIGITS = 9
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(registry: Registry, streams: StreamDirectory) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["deployments"])
    _add_champions(router, registry, streams)
    _add_challengers(router, registry, streams)
    _add_reads(router, registry, streams)
    return router


def _add_champions(router: APIRouter, registry: Registry, streams: StreamDirectory) -> None:
    @router.post("/models/{name}/promote")
    async def promote(
        name: str, body: Promotion, response: Response, principal: Promoter, if_match: IfMatch = None
    ) -> DeploymentAnswer:
        """Makes a version the champion of a stream; the latest one unless named."""
        _check_seen(principal, body.stream)
        deployment = await promote_model(
            registry,
            streams,
            tenant=principal.tenant,
            stream=body.stream,
            model=name,
            version=body.version,
            by=principal.subject,
            expected_revision=_revision(if_match),
        )
        return _answer(deployment, response)

    @router.post("/models/{name}/rollback")
    async def rollback(
        name: str, body: Rollback, response: Response, principal: Promoter, if_match: IfMatch = None
    ) -> DeploymentAnswer:
        """Goes back to what scored the stream before this model."""
        _check_seen(principal, body.stream)
        deployment = await roll_back_model(
            registry,
            streams,
            tenant=principal.tenant,
            stream=body.stream,
            model=name,
            by=principal.subject,
            expected_revision=_revision(if_match),
        )
        return _answer(deployment, response)


def _add_challengers(router: APIRouter, registry: Registry, streams: StreamDirectory) -> None:
    @router.put("/deployments/{stream}/challengers")
    async def shadow(
        stream: str, body: Challengers, response: Response, principal: Promoter, if_match: IfMatch = None
    ) -> DeploymentAnswer:
        """Lets these versions, and no other, score the stream beside its champion; they raise no anomalies."""
        _check_seen(principal, stream)
        deployment = await shadow_models(
            registry,
            streams,
            tenant=principal.tenant,
            stream=stream,
            challengers=[(each.model, each.version) for each in body.challengers],
            by=principal.subject,
            expected_revision=_revision(if_match),
        )
        return _answer(deployment, response)

    @router.delete("/deployments/{stream}")
    async def withdraw(
        stream: str, response: Response, principal: Promoter, if_match: IfMatch = None
    ) -> DeploymentAnswer:
        """Gives the stream back to the streaming detector alone, without challengers."""
        _check_seen(principal, stream)
        deployment = await withdraw_model(
            registry,
            tenant=principal.tenant,
            stream=stream,
            by=principal.subject,
            expected_revision=_revision(if_match),
        )
        return _answer(deployment, response)


def _add_reads(router: APIRouter, registry: Registry, streams: StreamDirectory) -> None:
    @router.get("/deployments")
    async def list_deployments(
        principal: Reader, limit: Limit = 50, cursor: str | None = None
    ) -> DeploymentsPage:
        """What scores every stream that was ever deployed to."""
        async with registry.transaction(principal.tenant, read_only=True) as work:
            found = await work.deployments(principal.tenant, cursor, limit, principal.streams)
        next_cursor = found[-1].stream if len(found) == limit else None
        return DeploymentsPage(items=[DeploymentAnswer.of(each) for each in found], next_cursor=next_cursor)

    @router.get("/deployments/{stream}")
    async def get_deployment(stream: str, response: Response, principal: Reader) -> DeploymentAnswer:
        """What scores a stream; without a model it is the streaming detector."""
        _check_seen(principal, stream)
        await streams.features(principal.tenant, stream)
        async with registry.transaction(principal.tenant, read_only=True) as work:
            return _answer(await work.deployment(principal.tenant, stream), response)


def _check_seen(principal: Principal, stream: str) -> None:
    if not principal.sees(stream):
        raise NotFound(f"there is no stream {stream!r}; GET /api/v1/streams lists those that exist")


def _answer(deployment: Deployment, response: Response) -> DeploymentAnswer:
    response.headers["ETag"] = f'"{deployment.revision}"'
    return DeploymentAnswer.of(deployment)


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match == "*":
        return None
    text = if_match.strip().strip('"')
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS):
        raise BadRequest(f'If-Match must be the ETag of a deployment, such as "3"; {if_match[:40]!r} is not')
    return int(text)
