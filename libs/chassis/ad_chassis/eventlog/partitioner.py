"""Which partition a message goes to: the one asked for, else the key's, else turn by turn."""

from collections.abc import Callable
from itertools import count

from ad_chassis.eventlog.errors import CommitFailed, TooLarge
from ad_chassis.eventlog.port import Message
from ad_contracts.partitioning import partition_for


class Partitioner:
    """Keyless messages of one call stay together; the next call goes to the next partition."""

    def __init__(self) -> None:
        self._turns = count()

    def for_call(self) -> Callable[[Message, int], int]:
        turn = next(self._turns)

        def choose(message: Message, partitions: int) -> int:
            if message.partition is None:
                return turn % partitions if message.key is None else partition_for(message.key, partitions)
            if not 0 <= message.partition < partitions:
                raise CommitFailed(
                    f"topic {message.topic!r} has partitions 0 to {partitions - 1}, not {message.partition}"
                )
            return message.partition

        return choose


def check_size(message: Message, max_message_bytes: int) -> None:
    """Refuses what the log would not take, before anything of a call is sent."""
    size_bytes = len(message.value or b"") + len(message.key or b"")
    if size_bytes > max_message_bytes:
        raise TooLarge(
            f"a message for {message.topic!r} has {size_bytes} bytes, at most {max_message_bytes} are taken"
        )
