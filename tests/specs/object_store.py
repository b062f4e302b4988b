"""What every object store does. Adapters inherit this and give the fixture `store`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.objects import ObjectNotFound, ObjectStore

LARGE = bytes(range(256)) * 4 * 6 * 1024


class ObjectStoreSpec:
    async def test_an_object_comes_back_as_it_was_put(self, store: ObjectStore) -> None:
        await store.put("a/b.bin", b"\x00content")
        assert await store.get("a/b.bin") == b"\x00content"
        assert await store.size("a/b.bin") == 8

    async def test_an_empty_object_is_an_object(self, store: ObjectStore) -> None:
        await store.put("empty", b"")
        assert await store.get("empty") == b""

    async def test_putting_again_replaces(self, store: ObjectStore) -> None:
        await store.put("k", b"first and longer")
        await store.put("k", b"second")
        assert await store.get("k") == b"second"

    async def test_only_the_first_put_new_counts(self, store: ObjectStore) -> None:
        assert await store.put_new("k", b"1")
        assert not await store.put_new("k", b"2")
        assert await store.get("k") == b"1"

    async def test_a_missing_object_is_named(self, store: ObjectStore) -> None:
        for read in (store.get("no/thing"), store.get_range("no/thing", 0, 1)):
            with pytest.raises(ObjectNotFound, match="no/thing"):
                await read
        with pytest.raises(ObjectNotFound, match="no/thing"):
            _ = [part async for part in store.stream("no/thing")]
        assert await store.size("no/thing") is None

    async def test_a_large_object_goes_in_from_parts_and_comes_out_in_parts(self, store: ObjectStore) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for start in range(0, len(LARGE), 1_000_000):
                yield LARGE[start : start + 1_000_000]

        await store.put("large", parts())
        chunks = [part async for part in store.stream("large", 1 << 20)]
        assert b"".join(chunks) == LARGE

    async def test_an_upload_that_breaks_off_leaves_the_old_object(self, store: ObjectStore) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield LARGE
            raise ConnectionResetError("the client went away")

        await store.put("k", b"old")
        with pytest.raises(Exception, match="the client went away"):
            await store.put("k", broken())
        assert await store.get("k") == b"old"
        assert [info.key for info in await store.list()] == ["k"]

    async def test_a_file_is_stored_from_its_path(self, store: ObjectStore, tmp_path: Path) -> None:
        file = tmp_path / "upload"
        file.write_bytes(LARGE)
        await store.put("from-file", file)
        assert await store.size("from-file") == len(LARGE)

    async def test_a_range_is_read_without_the_rest(self, store: ObjectStore) -> None:
        await store.put("k", b"0123456789")
        assert await store.get_range("k", 3, 4) == b"3456"

    async def test_a_folder_lists_what_is_below_it_in_order(self, store: ObjectStore) -> None:
        for key in ("lake/b", "lake/a/1", "lakeside", "other"):
            await store.put(key, key.encode())
        assert [(info.key, info.size_bytes) for info in await store.list("lake")] == [
            ("lake/a/1", 8),
            ("lake/b", 6),
        ]
        assert len(await store.list()) == 4
        assert await store.list("nowhere") == []

    async def test_a_deleted_object_is_gone_and_deleting_again_is_no_error(self, store: ObjectStore) -> None:
        await store.put("k", b"1")
        await store.delete("k")
        await store.delete("k")
        assert await store.size("k") is None

    @pytest.mark.parametrize("key", ["", "/k", "k/", "a//b", "../k", "a/../../k", "./k", "a\\b", "k\0"])
    async def test_a_key_that_could_leave_the_store_is_refused(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(ValueError, match="parts joined by"):
            await store.put(key, b"")
        with pytest.raises(ValueError, match="parts joined by"):
            await store.get(key)

    async def test_it_says_that_it_is_well(self, store: ObjectStore) -> None:
        await store.check()
