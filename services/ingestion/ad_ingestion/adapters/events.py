"""Events of ingestion as messages of the log."""

import json
from dataclasses import asdict

from ad_chassis.eventlog.port import Message
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import RecordHeader, RecordRejected, StreamChanged
from ad_contracts.headers import REPLAY_OF, cloud_event, recorded
from ad_contracts.topics import topic
from ad_ingestion.domain.batches import NewBatch
from ad_ingestion.domain.sorting import content_type_of
from ad_ingestion.domain.streams import Stream, StreamKey

SOURCE = "ingestion"


class EventWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    @staticmethod
    def stream_key(key: StreamKey) -> bytes:
        return "/".join(key).encode()

    def stream_gone(self, key: StreamKey) -> Message:
        """Compaction forgets the name with it."""
        return Message(topic("streams"), None, self.stream_key(key))

    def stream_changed(self, stream: Stream) -> Message:
        time_ms = round(stream.changed_at.timestamp() * 1000)
        event = StreamChanged(
            tenant=stream.tenant,
            stream=stream.name,
            revision=stream.revision,
            deleted=stream.deleted,
            topic=stream.topic,
            schema_json=stream.schema.to_json() if stream.schema else "",
            settings_json=json.dumps(asdict(stream.settings)),
            changed_time_ms=time_ms,
            generation=stream.generation,
        )
        event_id = f"{stream.tenant}/{stream.name}#{stream.revision}"
        headers = cloud_event(event.schema, SOURCE, event_id, time_ms, CONTENT_TYPE)
        return Message(topic("streams"), self._codec.encode(event), self.stream_key(stream.key), headers)

    def rejections(self, stream: Stream, batch: NewBatch) -> list[Message]:
        """In the order of the body."""
        name, key = topic("rejected", stream.tenant), stream.name.encode()
        messages = []
        for each in batch.rejections:
            event = RecordRejected(
                tenant=stream.tenant,
                stream=stream.name,
                reason=each.reason,
                field=each.field,
                raw=each.raw,
                content_type=content_type_of(each, batch.content_type),
                row=each.row,
                rejected_time_ms=batch.accepted_ms,
                source="ingestion",
                headers=_replay_header(batch, each.row),
            )
            event_id = f"{batch.batch_id}/{each.row}"
            headers = cloud_event(event.schema, stream.name, event_id, batch.accepted_ms, CONTENT_TYPE)
            messages.append(Message(name, self._codec.encode(event), key, headers))
        return messages


def _replay_header(batch: NewBatch, row: int) -> list[RecordHeader]:
    """What came over REST had no headers; what is replayed and fails again names the dead letter before it."""
    return recorded([(REPLAY_OF, batch.replay_of[row].encode())]) if batch.replay_of else []
