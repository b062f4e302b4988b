"""Removes a version that scores nothing."""

from collections.abc import Callable

from ad_chassis.errors import Conflict, NotFound
from ad_model_registry.ports import ArtifactStore, Registry
from ad_model_registry.usecases.register_version import artifact_key


def sees_all(_stream: str) -> bool:
    return True


async def delete_version(
    registry: Registry,
    artifacts: ArtifactStore,
    *,
    tenant: str,
    model: str,
    version: int,
    sees: Callable[[str], bool] = sees_all,
) -> None:
    """The refusal names only streams that the caller sees."""
    async with registry.transaction(tenant) as work:
        found = await work.version(tenant, model, version)
        if found is None:
            raise NotFound(f"model {model!r} has no version {version}")
        streams = await work.deployed_on(tenant, model, version)
        if streams:
            named = ", ".join(each for each in streams if sees(each)) or "another stream"
            raise Conflict(
                f"{found.reference} scores {named}; promote another version there first, or take it "
                "off the challengers"
            )
        await work.remove_version(found)
    await artifacts.delete(artifact_key(tenant, model, found.artifact_sha256))
