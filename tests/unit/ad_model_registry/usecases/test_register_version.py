"""Registering artifacts."""

import pytest

from ad_chassis.errors import Unprocessable
from ad_detectors.artifact import SigningKey, save_bytes
from ad_detectors.model import Model
from ad_model_registry.usecases.register_version import artifact_key, register_version
from tests.support.registry import artifact, published

WHO = {"tenant": "default", "model": "pumps", "by": "me"}


async def test_versions_count_up_and_are_told(platform, registry, reader) -> None:
    for number in (1, 2):
        version, created = await register_version(
            registry, platform.objects, reader, data=artifact(platform.keys_dir, seed=number), **WHO
        )
        assert (version.version, created) == (number, True)
    events = await published(platform, "models")
    assert [(event.model, event.version, event.algorithm) for event in events] == [
        ("pumps", 1, "zscore"),
        ("pumps", 2, "zscore"),
    ]


async def test_the_same_bytes_are_the_same_version(platform, registry, reader) -> None:
    data = artifact(platform.keys_dir)
    first, _ = await register_version(registry, platform.objects, reader, data=data, **WHO)
    again, created = await register_version(registry, platform.objects, reader, data=data, **WHO)
    assert (again, created) == (first, False)
    assert len(await published(platform, "models")) == 1


async def test_the_artifact_is_kept_as_it_came(platform, registry, reader) -> None:
    data = artifact(platform.keys_dir)
    version, _ = await register_version(registry, platform.objects, reader, data=data, **WHO)
    assert await platform.objects.get(artifact_key("default", "pumps", version.artifact_sha256)) == data


async def test_an_artifact_of_a_stranger_or_a_pickle_is_refused_and_nothing_is_stored(
    platform, registry, reader
) -> None:
    stranger = save_bytes(Model.train("zscore", [[1.0], [2.0], [3.0]]), SigningKey.generate())
    tampered = bytearray(artifact(platform.keys_dir))
    tampered[len(tampered) // 2] ^= 1
    for data, reason in (
        (stranger, "not trusted"),
        (bytes(tampered), None),
        (b"\x80\x04cos\nsystem", "pickle"),
    ):
        with pytest.raises(Unprocessable, match=reason):
            await register_version(registry, platform.objects, reader, data=data, **WHO)
    assert await platform.objects.list("artifacts") == []
    assert await published(platform, "models") == []
