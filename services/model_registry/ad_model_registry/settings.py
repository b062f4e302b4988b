"""Settings of the registry."""

from pydantic import Field

from ad_chassis.settings import Block


class RegistrySettings(Block):
    max_artifact_bytes: int = Field(
        default=256 * 2**20, ge=1, validation_alias="MODEL_REGISTRY_MAX_ARTIFACT_BYTES"
    )
