"""The registry of models, and what scores which stream."""

from collections.abc import Sequence
from pathlib import Path

from anomaly_detection.client.answers import (
    Challenger,
    Deployment,
    Download,
    Model,
    ModelSummary,
    ModelVersion,
)
from anomaly_detection.client.artifact import downloaded, uploaded
from anomaly_detection.client.calling import call, create, given, pages, segment
from anomaly_detection.client.effects import Items, Steps
from anomaly_detection.client.operations import Resource, Way, many, one


class Models(Resource[Way]):
    """Trained detectors in versions, which never change."""

    @one
    def get(self, name: str) -> Steps[Model]:
        """A model with all its versions."""
        return call("GET", f"/models/{segment(name)}")

    @one
    def version(self, name: str, version: int) -> Steps[ModelVersion]:
        """One version."""
        return call("GET", f"/models/{segment(name)}/versions/{version}")

    @one
    def delete_version(self, name: str, version: int) -> Steps[None]:
        return call("DELETE", f"/models/{segment(name)}/versions/{version}")

    @one
    def upload(self, name: str, path: str | Path) -> Steps[ModelVersion]:
        """Registers a model file (`.adm`) as the next version; it is read piece by piece, and sent once."""
        return uploaded(name, Path(path))

    @one
    def download(self, name: str, path: str | Path, *, version: int | None = None) -> Steps[Download]:
        """Writes a version, the latest unless given, to a file: whole and as it was registered, or not at all."""
        return downloaded(name, version, Path(path))

    @one
    def promote(self, name: str, stream: str, *, version: int | None = None) -> Steps[Deployment]:
        """Lets a version, the latest unless given, score a stream from now on."""
        return create(f"/models/{segment(name)}/promote", given({"stream": stream, "version": version}))

    @one
    def rollback(self, name: str, stream: str) -> Steps[Deployment]:
        """Goes back to what scored a stream before."""
        return create(f"/models/{segment(name)}/rollback", {"stream": stream})

    @many
    def list(self, *, limit: int | None = None) -> Items[ModelSummary]:
        return pages("/models", {}, limit)


class Deployments(Resource[Way]):
    """What scores which stream."""

    @one
    def get(self, stream: str) -> Steps[Deployment]:
        """What scores a stream."""
        return call("GET", f"/deployments/{segment(stream)}")

    @one
    def challenge(
        self, stream: str, challengers: Sequence[Challenger], *, revision: int
    ) -> Steps[Deployment]:
        """Sets what scores a stream in the shadow, unless it was changed since that revision."""
        condition = {"If-Match": f'"{revision}"'}
        body = {"challengers": challengers}
        return call("PUT", f"/deployments/{segment(stream)}/challengers", json=body, headers=condition)

    @many
    def list(self, *, limit: int | None = None) -> Items[Deployment]:
        return pages("/deployments", {}, limit)
