"""What the registry needs of the outside."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from ad_chassis.database import Scope
from ad_model_registry.domain.models import Deployment, ModelSummary, ModelVersion


class ArtifactFacts(NamedTuple):
    """What a verified artifact says of itself."""

    algorithm: str
    features: tuple[str, ...]
    parameters: dict[str, object]
    metrics: dict[str, float]
    data_sha256: str | None


class ArtifactReader(Protocol):
    def read(self, data: bytes) -> ArtifactFacts:
        """Verifies before anything is read. Raises `ArtifactError`."""


class ArtifactStore(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def delete(self, key: str) -> None: ...


class StreamDirectory(Protocol):
    async def features(self, tenant: str, stream: str) -> frozenset[str] | None:
        """The numeric fields of a stream, None while its schema is not fixed. Raises `NotFound`."""


class Transaction(Protocol):
    """Reads and writes that count together, with the events that tell of them."""

    async def version_by_hash(self, tenant: str, model: str, sha256: str) -> ModelVersion | None: ...
    async def version(self, tenant: str, model: str, version: int) -> ModelVersion | None: ...
    async def latest_version(self, tenant: str, model: str) -> ModelVersion | None: ...
    async def next_version(self, tenant: str, model: str) -> int:
        """One more than any version that ever was, so that a number never means two things."""

    async def versions(self, tenant: str, model: str) -> list[ModelVersion]: ...
    async def models(self, tenant: str, after: str | None, limit: int) -> list[ModelSummary]: ...
    async def add_version(self, version: ModelVersion) -> None: ...
    async def remove_version(self, version: ModelVersion) -> None: ...
    async def deployment(self, tenant: str, stream: str) -> Deployment: ...
    async def deployment_at(self, tenant: str, stream: str, revision: int) -> Deployment: ...
    async def deployments(
        self, tenant: str, after: str | None, limit: int | None, among: frozenset[str] | None = None
    ) -> list[Deployment]:
        """By stream; only those on streams among these, unless None."""

    async def deployed_on(self, tenant: str, model: str, version: int) -> Sequence[str]:
        """The streams that a version scores now, as champion or as challenger."""

    async def save_deployment(self, deployment: Deployment) -> None: ...
    async def tell_gone(self, tenant: str) -> None:
        """Detection forgets the deployments of all its streams."""


class Registry(Protocol):
    def transaction(
        self, scope: Scope, *, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Commits at the end; events are published after the commit."""
