"""A folder and memory keep to the specification; the clouds go through the same calls of obstore."""

from pathlib import Path

import pytest

from ad_chassis.errors import SettingsError, Unavailable
from ad_chassis.objects import ObjectStore
from tests.specs.object_store import ObjectStoreSpec


class TestFolder(ObjectStoreSpec):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        return ObjectStore((tmp_path / "with a space").as_uri())


class TestMemory(ObjectStoreSpec):
    @pytest.fixture
    def store(self) -> ObjectStore:
        return ObjectStore("memory://")


def test_an_address_of_an_unknown_kind_names_those_that_are_known() -> None:
    with pytest.raises(SettingsError, match=r"OBJECT_STORE_URL.*s3://"):
        ObjectStore("ftp://host/x")


@pytest.mark.parametrize("url", ["s3://bucket/prefix", "gs://bucket/prefix"])
def test_the_stores_of_clouds_open_without_a_call(url: str) -> None:
    assert ObjectStore(url)._store.prefix == "prefix"


async def test_a_folder_keeps_its_objects_for_the_next_process(tmp_path: Path) -> None:
    await ObjectStore(tmp_path.as_uri()).put("k", b"1")
    assert await ObjectStore(tmp_path.as_uri()).get("k") == b"1"


async def test_what_is_not_taken_may_be_tried_again_and_nobody_is_told_of_paths(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path.as_uri())
    await store.put("lake", b"a file where a folder should be")
    for put in (store.put, store.put_new):
        with pytest.raises(Unavailable, match="did not take") as refused:
            await put("lake/part", b"x")
        assert str(tmp_path) not in refused.value.detail
