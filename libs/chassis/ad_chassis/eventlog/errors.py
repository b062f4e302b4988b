"""What can go wrong with the event log, and what the run loop does about it.

LogError
├── Fenced        another member owns the partition: drop the work, it is done elsewhere
├── Transient     try again: nothing was stored
├── CommitFailed  the messages themselves cannot be stored: trying again will not help
│   └── TooLarge  one is larger than the log takes: set the record that leads to it aside
└── Poison        one record cannot be handled: set it aside and go on
"""


class LogError(Exception):
    """Any failure of the event log."""


class Fenced(LogError):
    """Another member owns the partition now; what was handed in is not stored and never will be."""


class Transient(LogError):
    """The log or something behind it did not answer; nothing was stored, and a retry may succeed."""


class CommitFailed(LogError):
    """The log refuses these messages for good: one is too large, or its topic is missing."""


class TooLarge(CommitFailed):
    """A message is larger than the log takes."""


class Poison(LogError):
    """A handler's way to say that one record of the batch can never be handled."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"the record at offset {offset} cannot be handled: {reason}")
        self.offset = offset
        self.reason = reason
