"""Deleting versions."""

import pytest

from ad_chassis.errors import Conflict, NotFound
from ad_model_registry.usecases.change_deployment import promote_model, shadow_models, withdraw_model
from ad_model_registry.usecases.delete_version import delete_version
from ad_model_registry.usecases.register_version import register_version
from tests.support.registry import Streams, artifact

WHO = {"tenant": "default", "model": "pumps"}
STREAMS = Streams({"sensors": frozenset({"load", "heat"})})


async def test_a_deployed_version_stays_and_one_that_scores_nothing_goes_with_its_artifact(
    platform, registry, reader
) -> None:
    where = {"tenant": "default", "stream": "sensors", "by": "me"}
    await register_version(
        registry, platform.objects, reader, data=artifact(platform.keys_dir), by="me", **WHO
    )
    await promote_model(registry, STREAMS, model="pumps", version=1, **where)
    with pytest.raises(Conflict, match="pumps@1 scores sensors"):
        await delete_version(registry, platform.objects, version=1, **WHO)
    with pytest.raises(Conflict, match="pumps@1 scores another stream; promote"):
        await delete_version(
            registry, platform.objects, version=1, sees=lambda name: name != "sensors", **WHO
        )
    await withdraw_model(registry, **where)
    await delete_version(registry, platform.objects, version=1, **WHO)
    assert await platform.objects.list("artifacts") == []


async def test_a_challenger_stays_until_it_leaves_the_shadow(platform, registry, reader) -> None:
    where = {"tenant": "default", "stream": "sensors", "by": "me"}
    await register_version(
        registry, platform.objects, reader, data=artifact(platform.keys_dir), by="me", **WHO
    )
    await shadow_models(registry, STREAMS, challengers=[("pumps", 1)], **where)
    with pytest.raises(
        Conflict, match="pumps@1 scores sensors; promote another version there first, or take it off"
    ):
        await delete_version(registry, platform.objects, version=1, **WHO)
    await shadow_models(registry, STREAMS, challengers=[], **where)
    await delete_version(registry, platform.objects, version=1, **WHO)


async def test_a_number_is_never_given_twice(platform, registry, reader) -> None:
    for seed in (1, 2):
        data = artifact(platform.keys_dir, seed)
        version, _ = await register_version(registry, platform.objects, reader, data=data, by="me", **WHO)
        assert version.version == seed
        await delete_version(registry, platform.objects, version=version.version, **WHO)


async def test_a_version_that_does_not_exist_is_said(registry, platform) -> None:
    with pytest.raises(NotFound, match="'pumps' has no version 3"):
        await delete_version(registry, platform.objects, version=3, **WHO)
