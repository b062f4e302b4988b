"""Writes the state of a partition as a chain of snapshots, and puts it together again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from ad_detection.domain import first_snapshots, snapshots
from ad_detection.domain.memory import Memory
from ad_detection.domain.snapshots import Link, Part, Rebuilding
from ad_detection.domain.state import PartitionState
from ad_detection.ports import SnapshotStore

Run = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments off the event loop: in one thread, since each keeps memory that it once took."""
LONGEST_CHAIN = 64
CHANGED_SHARE = 2
"""All is written anew when what changed since then is more than half of it: a restart reads one and a half at most."""


class SnapshotChain:
    """The snapshots of one partition, the last one and those that it goes on from.

    Nothing is changed in the store but by adding: a snapshot that is not finished is named nowhere.
    """

    def __init__(
        self,
        store: SnapshotStore,
        folder: str,
        writing: asyncio.Lock,
        run: Run,
        memory: Memory | None = None,
    ) -> None:
        self._store = store
        self._folder = folder
        self._writing = writing
        self._run = run
        self._memory = memory
        self._chain: tuple[Link, ...] = ()
        self._key = ""

    @property
    def keys(self) -> list[str]:
        """Every object that the last snapshot needs."""
        return [self._key, *(part.key for link in self._chain for part in link)] if self._key else []

    async def write(self, state: PartitionState, offset: int) -> str:
        """The key of a snapshot of this state, which must not change meanwhile."""
        name = f"{self._folder}/{offset:020d}-{uuid4().hex[:8]}"
        # One at a time in a process, so that all of them take the memory of one part.
        async with self._writing:
            before = () if self._must_be_whole(state) else self._chain
            chain = (*before, await self._write_parts(state, name, whole=not before))
            key = f"{name}.json"
            await self._store.put(key, snapshots.manifest_to_bytes(state, offset, chain))
        snapshots.mark_written(state)
        self._chain, self._key = chain, key
        return key

    async def load(self, key: str) -> tuple[PartitionState, int]:
        """The state of a snapshot and the offset at which it goes on."""
        data = await self._store.get(key)
        self._chain, self._key = (), key
        if data.startswith(first_snapshots.MAGIC):
            state, offset = await self._run(first_snapshots.from_bytes, data)
            await self._run(state.limit, self._memory)
            return state, offset
        manifest = snapshots.manifest_from_bytes(data)
        rebuilding = Rebuilding(manifest, self._memory)
        for link in manifest.chain:
            for part in link:
                if self._memory is None:
                    await self._run(rebuilding.add, await self._store.get(part.key))
                else:
                    await self._add_sparingly(rebuilding, part, self._memory)
        self._chain = manifest.chain
        return await self._run(rebuilding.state), manifest.next_offset

    async def _add_sparingly(self, rebuilding: Rebuilding, part: Part, memory: Memory) -> None:
        """One part of one partition at a time, which is slower where the store is far away."""
        async with self._writing:
            await self._run(rebuilding.add, await self._store.get(part.key))
        memory.look()

    async def _write_parts(self, state: PartitionState, name: str, *, whole: bool) -> Link:
        written: list[Part] = []
        parts = snapshots.parts(state, whole=whole)
        while (data := await self._run(next, parts, None)) is not None:
            part = Part(f"{name}.{len(written)}.npz", len(data))
            await self._store.put(part.key, data)
            written.append(part)
        return tuple(written)

    def _must_be_whole(self, state: PartitionState) -> bool:
        if not self._chain or len(self._chain) >= LONGEST_CHAIN:
            return True
        base, *changes = (sum(part.size_bytes for part in link) for link in self._chain)
        more = sum(stream.changed * stream.entity_bytes for stream in state.tables)
        return (sum(changes) + more) * CHANGED_SHARE > base
