"""Promotion, rollback, withdrawal."""

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, NotFound, PreconditionFailed, Unprocessable
from ad_model_registry.usecases.change_deployment import (
    promote_model,
    roll_back_model,
    shadow_models,
    withdraw_model,
)
from ad_model_registry.usecases.register_version import register_version
from tests.support.registry import Streams, artifact, published

WHERE = {"tenant": "default", "stream": "sensors", "by": "me"}
STREAMS = Streams({"sensors": frozenset({"load", "heat"}), "narrow": frozenset({"load"}), "new": None})


@pytest.fixture
async def two_versions(platform, registry, reader) -> None:
    for seed in (1, 2):
        data = artifact(platform.keys_dir, seed)
        await register_version(
            registry, platform.objects, reader, tenant="default", model="pumps", data=data, by="me"
        )


async def promote(registry, version=None, **changes):
    return await promote_model(
        registry, STREAMS, **{**WHERE, "model": "pumps", "version": version, **changes}
    )


async def test_the_latest_version_is_promoted_unless_one_is_named(registry, two_versions) -> None:
    assert (await promote(registry)).champion.version == 2
    assert (await promote(registry, 1)).champion.version == 1


async def test_every_change_is_told_with_its_revision(platform, registry, two_versions) -> None:
    steps = [
        (lambda: promote(registry, 1), (1, 1, None)),
        (lambda: promote(registry, 1), (1, 1, None)),
        (lambda: promote(registry, 2), (2, 2, "pumps@1")),
        (lambda: roll_back_model(registry, STREAMS, model="pumps", **WHERE), (3, 1, "pumps@2")),
        (lambda: withdraw_model(registry, **WHERE), (4, None, "pumps@1")),
    ]
    for change, told in steps:
        await change()
        newest = (await published(platform, "deployments"))[-1]
        assert (newest.revision, newest.version, newest.previous_version) == told


async def test_another_tenant_sees_nothing_of_it(registry, two_versions) -> None:
    with pytest.raises(NotFound, match="there is no model 'pumps'"):
        await promote(registry, tenant="acme")


@pytest.mark.parametrize(
    ("changes", "error", "reason"),
    [
        ({"model": "nobody"}, NotFound, "there is no model 'nobody'"),
        ({"version": 9}, NotFound, "has no version 9; it has 1, 2"),
        ({"stream": "nowhere"}, NotFound, "there is no stream 'nowhere'"),
        ({"stream": "narrow"}, Unprocessable, "needs the fields heat"),
        ({"stream": "new"}, Conflict, "has no schema yet"),
        ({"expected_revision": 7}, PreconditionFailed, "is at revision 0, not 7"),
    ],
)
async def test_what_cannot_be_promoted_is_refused_with_the_reason(
    registry, two_versions, changes, error, reason
) -> None:
    with pytest.raises(error, match=reason):
        await promote(registry, **changes)
    async with registry.transaction(EVERY_TENANT, read_only=True) as work:
        assert (await work.deployment("default", changes.get("stream", "sensors"))).revision == 0


async def test_there_is_nothing_to_roll_back_where_the_model_does_not_score(registry, two_versions) -> None:
    with pytest.raises(Conflict, match="is scored by the streaming detector"):
        await roll_back_model(registry, STREAMS, model="pumps", **WHERE)


async def test_a_stream_that_does_not_exist_cannot_be_rolled_back(registry, two_versions) -> None:
    with pytest.raises(NotFound, match="there is no stream 'nowhere'"):
        await roll_back_model(registry, STREAMS, model="pumps", **{**WHERE, "stream": "nowhere"})


async def shadow(registry, *challengers, **changes):
    return await shadow_models(registry, STREAMS, challengers=challengers, **{**WHERE, **changes})


async def test_challengers_are_kept_and_told_until_others_take_their_place(
    platform, registry, two_versions
) -> None:
    await promote(registry, 1)
    await shadow(registry, ("pumps", None))
    told = (await published(platform, "deployments"))[-1]
    [challenger] = told.challengers
    assert (told.revision, told.version, challenger["model"], challenger["version"]) == (2, 1, "pumps", 2)
    async with registry.transaction(EVERY_TENANT, read_only=True) as work:
        kept = await work.deployment("default", "sensors")
        version = await work.version("default", "pumps", 2)
    assert [each.reference for each in kept.challengers] == ["pumps@2"]
    assert challenger["artifact_sha256"] == version.artifact_sha256
    await shadow(registry)
    assert (await published(platform, "deployments"))[-1].challengers == []


async def test_challengers_go_with_the_deployment_also_where_no_champion_was(
    platform, registry, two_versions
) -> None:
    await shadow(registry, ("pumps", 1), ("pumps", 2))
    await withdraw_model(registry, **WHERE)
    assert (await published(platform, "deployments"))[-1].challengers == []
    with pytest.raises(NotFound, match="no model is deployed"):
        await withdraw_model(registry, **WHERE)


async def test_a_promoted_challenger_is_told_once(platform, registry, two_versions) -> None:
    await promote(registry, 1)
    await shadow(registry, ("pumps", 2))
    await promote(registry, 2)
    told = (await published(platform, "deployments"))[-1]
    assert (told.revision, told.version, told.challengers) == (3, 2, [])


@pytest.mark.parametrize(
    ("challengers", "changes", "error", "reason"),
    [
        ((("pumps", 1),), {}, Unprocessable, "pumps@1 is the champion"),
        ((("pumps", 9),), {}, NotFound, "has no version 9"),
        ((("pumps", 2),), {"stream": "narrow"}, Unprocessable, "needs the fields heat"),
        ((("pumps", 2),), {"stream": "new"}, Conflict, "has no schema yet"),
        ((("pumps", 2),), {"expected_revision": 7}, PreconditionFailed, "is at revision 1, not 7"),
    ],
)
async def test_what_cannot_challenge_is_refused_with_the_reason(
    registry, two_versions, challengers, changes, error, reason
) -> None:
    await promote(registry, 1)
    with pytest.raises(error, match=reason):
        await shadow(registry, *challengers, **changes)
