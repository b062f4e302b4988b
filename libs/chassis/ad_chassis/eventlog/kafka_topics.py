"""The topics of a Kafka cluster, and what groups have committed."""

import asyncio
from collections.abc import Iterable, Mapping, Set
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from ad_chassis.eventlog.errors import CommitFailed, LogError, Transient
from ad_chassis.eventlog.kafka_client import KafkaOptions
from ad_chassis.eventlog.kafka_errors import translated
from ad_chassis.eventlog.kafka_grants import grant, grants_of
from ad_chassis.eventlog.port import Committed, TopicConfig, TopicPartition

ALREADY_EXISTS = 36
UNKNOWN_TOPIC = 3
MOST_REPLICAS = 3
CREATE_SECONDS = 15.0
LOOK_SECONDS = 0.02


class KafkaTopics:
    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._admin: Any = None
        self._known: dict[str, int] = {}
        self._granted: set[str] = set()

    @property
    def _client(self) -> Any:
        """For requests that the admin client does not make, or whose errors it does not look at."""
        return vars(self._admin)["_client"]

    async def start(self) -> None:
        self._admin = AIOKafkaAdminClient(
            bootstrap_servers=self._options.bootstrap_servers,
            metadata_max_age_ms=self._options.metadata_max_age_ms,
            **self._options.security,
        )
        with translated():
            await self._admin.start()

    async def stop(self) -> None:
        if self._admin is not None:
            await self._admin.close()
            self._admin = None

    async def list(self) -> dict[str, int]:
        if self._admin is None:
            raise LogError(f"the event log at {self._options.bootstrap_servers} is not started")
        with translated():
            described = await self._admin.describe_topics()
        self._known = {
            topic["topic"]: len(topic["partitions"])
            for topic in described
            if not topic["error_code"] and not topic["is_internal"]
        }
        return dict(self._known)

    async def find(self, names: Iterable[str]) -> Mapping[str, int]:
        """Those that exist, with their numbers of partitions, as they were listed last."""
        wanted = set(names)
        if not wanted <= self._known.keys():
            await self.list()
        return {name: self._known[name] for name in wanted if name in self._known}

    async def require(self, names: Iterable[str]) -> Mapping[str, int]:
        wanted = set(names)
        found = await self.find(wanted)
        if len(found) < len(wanted):
            missing = ", ".join(sorted(wanted - found.keys()))
            raise CommitFailed(f"no topic {missing}: create it with create_topics first")
        return found

    async def create(self, topics: Mapping[str, TopicConfig]) -> None:
        missing = topics.keys() - (await self.list()).keys()
        if missing:
            await self._create(missing, topics)
        if "sasl_mechanism" in self._options.security and (unruled := topics.keys() - self._granted):
            with translated():
                await grant(self._client, grants_of(unruled))
            self._granted |= unruled

    async def _create(self, missing: Set[str], topics: Mapping[str, TopicConfig]) -> None:
        with translated():
            brokers = len((await self._admin.describe_cluster())["brokers"])
            response = await self._admin.create_topics(
                [self._new_topic(name, topics[name], min(MOST_REPLICAS, brokers)) for name in sorted(missing)]
            )
        for name, code, *message in response.topic_errors:
            if code not in {0, ALREADY_EXISTS}:
                raise CommitFailed(f"Kafka does not create topic {name!r}: error {code} {message}")
        await self._wait_for(missing)

    async def delete(self, names: Iterable[str]) -> None:
        there = sorted(set(names) & (await self.list()).keys())
        if not there:
            return
        with translated():
            response = await self._admin.delete_topics(there)
        for name, code in response.topic_error_codes:
            if code not in {0, UNKNOWN_TOPIC}:
                raise Transient(f"Kafka does not delete topic {name!r}: error {code}")
        for _ in range(int(CREATE_SECONDS / LOOK_SECONDS)):
            if not set(there) & (await self.list()).keys():
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Transient(f"the topics {there} did not go within {CREATE_SECONDS:.0f} s")

    async def committed(self, group: str, source: TopicPartition) -> Committed | None:
        """None where the group has never committed.

        aiokafka's own call says the same while the coordinator is loading, or is another broker by now.
        """
        asked = OffsetFetchRequest(group, [(source.topic, [source.partition])])
        with translated():
            coordinator = await self._admin.find_coordinator(group)
            answer = await self._client.send(coordinator, asked)
            found = [place for _, places in answer.topics for place in places]
            for code in (answer.error_code, *(place[-1] for place in found)):
                if code:
                    raise for_code(code)(f"what {group} has committed of {source} is not told")
        [(_, offset, metadata, _)] = found
        return None if offset < 0 else Committed(offset, metadata or "")

    async def _wait_for(self, missing: Set[str]) -> None:
        """The broker that is asked next may hear of a new topic a moment later than the controller."""
        for _ in range(int(CREATE_SECONDS / LOOK_SECONDS)):
            if not missing - (await self.list()).keys():
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Transient(f"the topics {sorted(missing)} did not appear within {CREATE_SECONDS:.0f} s")

    def _new_topic(self, name: str, config: TopicConfig, replicas: int) -> NewTopic:
        settings = {"max.message.bytes": str(self._options.max_message_bytes + (1 << 20))}
        if config.compacted:
            settings["cleanup.policy"] = "compact"
        elif config.retention_hours is not None:
            settings["retention.ms"] = str(int(config.retention_hours * 3_600_000))
        return NewTopic(name, config.partitions, replicas, topic_configs=settings)
