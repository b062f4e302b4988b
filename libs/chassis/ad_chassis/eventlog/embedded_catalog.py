"""The topics of the embedded log as one process knows them. They never change, so they are kept."""

from collections.abc import Iterable, Mapping
from functools import partial

from ad_chassis.eventlog.embedded_file import LogFile
from ad_chassis.eventlog.embedded_store import Topic, find_topics
from ad_chassis.eventlog.errors import CommitFailed
from ad_chassis.eventlog.port import TopicPartition


class Catalog:
    def __init__(self, file: LogFile) -> None:
        self._file = file
        self._topics: dict[str, Topic] = {}

    async def find(self, names: Iterable[str]) -> Mapping[str, Topic]:
        """Those that exist."""
        wanted = set(names)
        missing = wanted - self._topics.keys()
        if missing:
            self._topics |= await self._file.read(partial(find_topics, names=missing))
        return {name: self._topics[name] for name in wanted if name in self._topics}

    async def require(self, names: Iterable[str]) -> Mapping[str, Topic]:
        wanted = set(names)
        found = await self.find(wanted)
        if len(found) < len(wanted):
            missing = ", ".join(sorted(wanted - found.keys()))
            raise CommitFailed(f"no topic {missing}: create it with create_topics first")
        return found

    async def partition_id(self, source: TopicPartition) -> int:
        topic = (await self.require([source.topic]))[source.topic]
        if not 0 <= source.partition < len(topic.partition_ids):
            raise CommitFailed(
                f"topic {source.topic!r} has {len(topic.partition_ids)} partitions, not {source}"
            )
        return topic.partition_ids[source.partition]
