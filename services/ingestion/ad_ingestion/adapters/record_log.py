"""The topics of records in the event log."""

from collections.abc import Sequence

from ad_chassis.errors import Conflict
from ad_chassis.eventlog.port import EventLog, Message, TopicConfig, TopicPartition
from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.telemetry import current_traceparent
from ad_contracts.codec import Codec
from ad_contracts.headers import GENERATION, cloud_event, read
from ad_contracts.topics import TOPICS, topic
from ad_ingestion.domain.batches import Unpublished
from ad_ingestion.domain.messages import Part

ARROW = "application/vnd.apache.arrow.stream"
RECORDS_TYPE = "records"


class LogRecords:
    def __init__(self, event_log: EventLog, codec: Codec) -> None:
        self._log = event_log
        self._codec = codec
        self._partitions: dict[str, int] = {}
        self._reached: dict[str, dict[int, int]] = {}

    async def partitions(self, topic: str) -> int:
        """As they were when topics were looked at last."""
        if topic not in self._partitions:
            await self.sizes()
        if topic not in self._partitions:
            raise Conflict(
                f"there is no topic {topic!r} any more; create it again, "
                "or delete the streams on it and make them anew on another"
            )
        return self._partitions[topic]

    async def sizes(self) -> dict[str, int]:
        """Topics of others may grow or go, and what comes back under a name begins with offset 0."""
        self._partitions = await self._log.topics()
        self._reached = {name: found for name, found in self._reached.items() if name in self._partitions}
        return dict(self._partitions)

    async def existing(self) -> set[str]:
        return set(await self._log.topics())

    async def prepare_tenant(self, tenant: str) -> None:
        await self._log.create_topics(topic_configs(tenant))
        await self._codec.prepare([tenant])

    async def erase_tenant(self, tenant: str) -> int:
        """Topics that others made, and were mapped to a stream, are theirs and stay."""
        own = topic("records", tenant)
        named = {topic(name, tenant) for name, spec in TOPICS.items() if spec.per_tenant}
        there = {each for each in await self._log.topics() if each in named or each.startswith(f"{own}.")}
        held = [each for each in sorted(there) if await self._holds_something(each)]
        await self._log.erase_topics(there)
        for each in there:
            self._partitions.pop(each, None)
            self._reached.pop(each, None)
        return len(held)

    async def _holds_something(self, name: str) -> bool:
        return await self._log.begin_offsets(name) != await self._log.end_offsets(name)

    async def create(self, name: str, tenant: str) -> None:
        config: TopicConfig = topic_configs(tenant)[topic("records", tenant)]
        await self._log.create_topics({name: config})

    async def reached(self, topic: str) -> dict[int, int]:
        """Offsets of a topic only grow, so what was seen once stays true and costs nothing."""
        if topic not in self._reached:
            self._reached[topic] = dict(await self._log.end_offsets(topic))
        return dict(self._reached[topic])

    async def present(self, batch: Unpublished) -> set[str]:
        begins = await self._log.begin_offsets(batch.topic)
        ends = await self._log.end_offsets(batch.topic)
        found = set()
        for partition, end in ends.items():
            start = max(batch.since.get(partition, 0), begins.get(partition, 0))
            async for records in self._log.read(TopicPartition(batch.topic, partition), start, end):
                for record in records.records:
                    event = read(record.headers)
                    if event.batch_id == batch.batch_id and event.id is not None:
                        found.add(event.id)
        return found

    async def publish(self, batch: Unpublished, parts: Sequence[Part]) -> None:
        traceparent = current_traceparent()
        messages = [self._message(batch, part, traceparent) for part in parts]
        stored = await self._log.publish(messages)
        reached = self._reached.setdefault(batch.topic, {})
        for source, offset in stored:
            reached[source.partition] = max(offset, reached.get(source.partition, 0))

    def _message(self, batch: Unpublished, part: Part, traceparent: str | None) -> Message:
        stream = batch.stream[1]
        headers = cloud_event(
            RECORDS_TYPE,
            stream,
            part.event_id(batch.batch_id),
            batch.accepted_ms,
            ARROW,
            traceparent,
            batch.batch_id,
        )
        headers = [(GENERATION, str(batch.generation).encode()), *headers]
        # The time of arrival that the records were validated against is also the one that detection sees.
        return Message(batch.topic, part.value, stream.encode(), headers, part.partition, batch.accepted_ms)
