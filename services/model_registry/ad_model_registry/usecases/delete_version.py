"""Removes a version that scores nothing."""

from ad_chassis.errors import Conflict, NotFound
from ad_model_registry.ports import ArtifactStore, Registry
from ad_model_registry.usecases.register_version import artifact_key


async def delete_version(
    registry: Registry, artifacts: ArtifactStore, *, tenant: str, model: str, version: int
) -> None:
    async with registry.transaction() as work:
        found = await work.version(tenant, model, version)
        if found is None:
            raise NotFound(f"model {model!r} has no version {version}")
        streams = await work.deployed_on(tenant, model, version)
        if streams:
            raise Conflict(
                f"{found.reference} scores {', '.join(streams)}; promote another version there first, or take it "
                "off the challengers"
            )
        await work.remove_version(found)
    await artifacts.delete(artifact_key(tenant, model, found.artifact_sha256))
