"""Bodies and answers of the registry."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from ad_chassis.http import Body
from ad_model_registry.domain.models import MOST_CHALLENGERS, Deployment, ModelSummary, ModelVersion

StreamName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


class Promotion(Body):
    stream: StreamName
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class Rollback(Body):
    stream: StreamName


class Choice(Body):
    model: StreamName
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class Challengers(Body):
    challengers: Annotated[list[Choice], Field(max_length=MOST_CHALLENGERS)]


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class VersionAnswer(Answer):
    name: str
    version: int
    algorithm: str
    features: list[str]
    parameters: dict[str, Any]
    metrics: dict[str, float]
    artifact_sha256: str
    size_bytes: int
    data_sha256: str | None
    registered_by: str
    registered_at: datetime
    job_id: str | None

    @classmethod
    def of(cls, version: ModelVersion) -> Self:
        fields = {name: getattr(version, name) for name in cls.model_fields if name != "name"}
        return cls(name=version.model, **fields)


class ModelAnswer(Answer):
    name: str
    versions: list[VersionAnswer]


class SummaryAnswer(Answer):
    name: str
    latest_version: int
    versions: int
    algorithm: str
    updated_at: datetime

    @classmethod
    def of(cls, summary: ModelSummary) -> Self:
        return cls.model_validate(summary)


class ModelsPage(Answer):
    items: list[SummaryAnswer]
    next_cursor: str | None


class ChallengerAnswer(Answer):
    model: str
    version: int


class DeploymentAnswer(Answer):
    stream: str
    revision: int
    model: str | None
    version: int | None
    previous_version: str | None
    challengers: list[ChallengerAnswer]
    changed_by: str
    changed_at: datetime | None

    @classmethod
    def of(cls, deployment: Deployment) -> Self:
        champion, previous = deployment.champion, deployment.previous
        return cls(
            stream=deployment.stream,
            revision=deployment.revision,
            model=champion.model if champion else None,
            version=champion.version if champion else None,
            previous_version=previous.reference if previous else None,
            challengers=[ChallengerAnswer.model_validate(each) for each in deployment.challengers],
            changed_by=deployment.changed_by,
            changed_at=deployment.changed_at,
        )


class DeploymentsPage(Answer):
    items: list[DeploymentAnswer]
    next_cursor: str | None
