"""Routes of detection."""

from typing import Annotated

from fastapi import APIRouter

from ad_chassis.security import Principal, require
from ad_detection.api.filters import Limit, StreamName
from ad_detection.api.schemas import (
    DetectAnswer,
    DetectorAnswer,
    DetectRequest,
    ParameterAnswer,
    ScoreAnswer,
    ScoresPage,
)
from ad_detection.api.seen import check_stream
from ad_detection.ports import ControlSource, ModelSource, Readiness, ScorePages
from ad_detection.usecases.detect_rows import AtOnce, detect_by_algorithm, detect_by_model
from ad_detectors import catalog
from ad_detectors.model import DEFAULT_CONTAMINATION

Runner = Annotated[Principal, require("detect:run")]
ScoreReader = Annotated[Principal, require("scores:read")]
CatalogReader = Annotated[Principal, require("detectors:read")]
DEFAULT_ALGORITHM = "isolation_forest"


def routes(scores: ScorePages, models: ModelSource, readiness: Readiness, view: ControlSource) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["detection"])
    at_once = AtOnce()

    @router.post("/detect")
    async def detect(body: DetectRequest, principal: Runner) -> DetectAnswer:
        """Scores rows at once: by an algorithm fitted on them, or by a model of the registry."""
        if body.model is not None:
            name, _, version = body.model.partition("@")
            detected = await detect_by_model(at_once, models, principal.tenant, body.data, name, int(version))
        else:
            contamination = DEFAULT_CONTAMINATION if body.contamination is None else body.contamination
            algorithm = body.algorithm or DEFAULT_ALGORITHM
            detected = await detect_by_algorithm(
                at_once, readiness, body.data, algorithm, contamination, body.parameters
            )
        return DetectAnswer.of(detected, explain=body.explain)

    @router.get("/scores")
    async def list_scores(
        principal: ScoreReader, stream: StreamName, limit: Limit = 50, cursor: str | None = None
    ) -> ScoresPage:
        """Scores of a stream with `publish_scores`, oldest first, as long as the topic keeps them."""
        generation = await check_stream(view, principal, stream)
        key = (principal.tenant, stream)
        items, next_cursor = await scores.page(key, generation, limit, cursor)
        return ScoresPage(items=[ScoreAnswer.model_validate(item) for item in items], next_cursor=next_cursor)

    @router.get("/detectors")
    async def list_detectors(_principal: CatalogReader) -> list[DetectorAnswer]:
        """The catalogue: what can be trained, and with which parameters."""
        return [_described(name) for name in catalog.names()]

    return router


def _described(name: str) -> DetectorAnswer:
    entry = catalog.get(name)
    parameters = [
        ParameterAnswer(name=each.name, type=each.type, default=each.default, valid=each.valid, doc=each.doc)
        for each in entry.parameters
    ]
    return DetectorAnswer(name=name, kind=entry.kind, summary=entry.summary, parameters=parameters)
