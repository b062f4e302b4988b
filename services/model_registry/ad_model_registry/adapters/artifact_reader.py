"""Reads what an artifact says of itself, after its signature was verified."""

from collections.abc import Callable

from ad_detectors.artifact import TrustedKeys, load_bytes, read_manifest
from ad_model_registry.ports import ArtifactFacts


class SignedArtifacts:
    def __init__(self, trusted: Callable[[], TrustedKeys], max_bytes: int) -> None:
        self._trusted = trusted
        self._max_bytes = max_bytes

    def read(self, data: bytes) -> ArtifactFacts:
        """The whole artifact is loaded once, so that what is registered can also be used."""
        trusted = self._trusted()
        load_bytes(data, trusted, self._max_bytes)
        manifest = read_manifest(data, trusted)
        return ArtifactFacts(
            algorithm=manifest.algorithm,
            features=tuple(manifest.features),
            parameters=dict(manifest.parameters),
            metrics=dict(manifest.metrics),
            data_sha256=manifest.data_sha256,
        )
