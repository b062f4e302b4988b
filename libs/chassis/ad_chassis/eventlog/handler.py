"""What the run loop asks of those who plug into it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ad_chassis.eventlog.port import Batch, Committed, Delivery, Message, Record, TopicPartition

DeadLetter = Callable[[TopicPartition, Record, str], Message]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a batch led to; committed together with its offset."""

    outputs: Sequence[Message] = ()
    metadata: str = ""


class Handler(Protocol):
    """Handles the batches of each partition in order, different partitions at the same time.

    A `handle` that raises must leave its state as it was, because the same records come again. After a commit
    that failed, `on_assigned` comes again: it puts the state back to what is committed.
    """

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None: ...
    async def on_revoked(self, source: TopicPartition) -> None: ...
    async def handle(self, batch: Batch) -> Outcome: ...


class Stateless:
    """For handlers to whom the same record twice is the same as once: they keep nothing of a partition."""

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        """There is no state to restore."""

    async def on_revoked(self, source: TopicPartition) -> None:
        """There is no state to give up."""


class Observer(Protocol):
    """Told what the loop does, so that metrics can be attached."""

    def committed(self, batch: Batch, handle_seconds: float, commit_seconds: float) -> None: ...
    def retried(self, source: TopicPartition, error: Exception) -> None: ...
    def fenced(self, source: TopicPartition) -> None: ...
    def poisoned(self, source: TopicPartition, reason: str) -> None: ...
    def lagged(self, group: str, lag: Mapping[TopicPartition, int]) -> None: ...
    def aged(self, group: str, age_seconds: Mapping[TopicPartition, float]) -> None:
        """How long ago the oldest record was stored that is in hand or waits; 0 where none does."""

    def step(self, topic: str, name: str, seconds: float) -> None:
        """What a part of the way of a batch took."""


class SilentObserver:
    def committed(self, batch: Batch, handle_seconds: float, commit_seconds: float) -> None:
        """Nothing to do."""

    def retried(self, source: TopicPartition, error: Exception) -> None:
        """Nothing to do."""

    def fenced(self, source: TopicPartition) -> None:
        """Nothing to do."""

    def poisoned(self, source: TopicPartition, reason: str) -> None:
        """Nothing to do."""

    def lagged(self, group: str, lag: Mapping[TopicPartition, int]) -> None:
        """Nothing to do."""

    def aged(self, group: str, age_seconds: Mapping[TopicPartition, float]) -> None:
        """Nothing to do."""

    def step(self, topic: str, name: str, seconds: float) -> None:
        """Nothing to do."""


@dataclass(frozen=True, slots=True)
class RunLoopSettings:
    delivery: Delivery = "exactly_once"
    max_poll_records: int = 5_000
    max_in_flight_records: int = 50_000
    poll_timeout_seconds: float = 0.5
    linger_seconds: float = 0.0
    """Rest after every poll that brought something, so that few records a batch do not cost a commit each."""
    commit_every_seconds: float = 0.0
    """So long a batch without outputs, and with the metadata of the one before, may wait for the next commit."""
    first_retry_seconds: float = 0.1
    last_retry_seconds: float = 30.0
    unhealthy_after_failures: int = 5
    unhealthy_after_seconds: float = 120.0
    """A batch that is in hand for longer hangs."""
    drain_seconds: float = 10.0
    lag_every_seconds: float = 5.0
