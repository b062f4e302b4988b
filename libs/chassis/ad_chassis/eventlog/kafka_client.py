"""Settings that all Kafka clients of this adapter share, and how they are made."""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError

from ad_chassis.eventlog.kafka_errors import FENCED

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
BATCH_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class KafkaOptions:
    bootstrap_servers: str
    session_timeout_ms: int = 10_000
    metadata_max_age_ms: int = 2_000
    max_message_bytes: int = 16 << 20
    instance_id: str | None = None
    """Makes the consumers of this process static members of their groups."""
    security: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """How clients log in, in aiokafka's words."""

    @property
    def heartbeat_ms(self) -> int:
        return self.session_timeout_ms // 4

    @property
    def transaction_timeout_ms(self) -> int:
        """Shorter than the session, so that a dead member's transaction holds nobody up after the hand-over."""
        return self.session_timeout_ms * 4 // 5


def new_producer(options: KafkaOptions, transactional_id: str | None = None) -> Any:
    """Idempotent; with an id also transactional, which fences the former producer of that id at its start."""
    transactional: dict[str, Any] = {}
    if transactional_id is not None:
        transactional = {
            "transactional_id": transactional_id,
            "transaction_timeout_ms": options.transaction_timeout_ms,
        }
    return AIOKafkaProducer(
        bootstrap_servers=options.bootstrap_servers,
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=options.max_message_bytes + BATCH_BYTES,
        metadata_max_age_ms=options.metadata_max_age_ms * 10,
        # A broker that answers "not yet" after a commit does so for milliseconds; the default waits 100.
        retry_backoff_ms=20,
        **options.security,
        **transactional,
    )


def new_consumer(options: KafkaOptions, group: str | None = None) -> Any:
    member: dict[str, Any] = {}
    if group is not None:
        member = {
            "group_id": group,
            "group_instance_id": options.instance_id,
            "session_timeout_ms": options.session_timeout_ms,
            "heartbeat_interval_ms": options.heartbeat_ms,
            # The run loop's own health says whether it gets on; a long restore must not cost the membership.
            "max_poll_interval_ms": 24 * 3_600_000,
            # The assignor keeps its last assignment on the class, so members of one process need one class each.
            "partition_assignment_strategy": (type("OwnAssignor", (StickyPartitionAssignor,), {}),),
        }
    return AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap_servers,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        metadata_max_age_ms=options.metadata_max_age_ms,
        max_partition_fetch_bytes=8 << 20,
        # While one fetch waits at a broker, no other partition of that broker is fetched: so wait briefly.
        fetch_max_wait_ms=50,
        **options.security,
        **member,
    )


def watch_topics(member: Any, topics: Collection[str]) -> None:
    """Lets a static member notice new partitions, as the leader of a group does.

    A leader that comes back is given its assignment without making one, and aiokafka watches topics only after that.
    """
    coordinator: Any = vars(member)["_coordinator"]
    known = vars(coordinator)
    if known["_group_subscription"] is None:
        known["_group_subscription"] = set(topics)
        known["_metadata_snapshot"] = coordinator._get_metadata_snapshot()  # noqa: SLF001 - nothing else tells it


async def stop_quietly(client: Any) -> None:
    """Stops a client that may be broken; what it still had in hand is lost on purpose."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await client.stop()
    except FENCED as error:
        # A worker that was away for long hears of it here when its partitions are taken from it in a commit.
        log.warning("a producer is stopped whose partition has another owner: %r", error)
    except (KafkaError, TimeoutError, OSError):
        log.warning("a Kafka client did not stop cleanly", exc_info=True)
    _take_note_of_failure(client)


def _take_note_of_failure(client: Any) -> None:
    """A fenced producer keeps its error in a future that nobody asks; asyncio would log it as lost."""
    transactions = vars(client).get("_txn_manager")
    ended = transactions.wait_for_transaction_end() if transactions is not None else None
    if ended is not None and ended.done() and not ended.cancelled():
        ended.exception()
