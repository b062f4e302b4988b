"""aiokafka's errors in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka import errors as kafka

from ad_chassis.eventlog.errors import CommitFailed, Fenced, LogError, TooLarge, Transient

FENCED = (kafka.ProducerFenced, kafka.InvalidProducerEpoch)
LEFT_BEHIND = (kafka.CommitFailedError, kafka.IllegalStateError)
TOO_LARGE = (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError)
REFUSED = (
    kafka.TopicAuthorizationFailedError,
    kafka.UnknownTopicOrPartitionError,
    kafka.InvalidTopicError,
)


def translate(error: BaseException) -> LogError:
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, FENCED):
        return Fenced(f"Kafka has a newer producer for this partition ({reason})")
    if isinstance(error, LEFT_BEHIND):
        return Fenced(f"the group went on without this member ({reason})")
    if isinstance(error, TOO_LARGE):
        return TooLarge(f"Kafka takes no messages of that size ({reason})")
    if isinstance(error, REFUSED):
        return CommitFailed(f"Kafka refuses the messages ({reason})")
    return Transient(f"Kafka did not take it ({reason})")


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (kafka.KafkaError, OSError, TimeoutError) as error:
        raise translate(error) from error
