"""Everything that can be wrong with a message or a topic.

ContractError
├── UnknownTopicError     a name that topics.yaml does not know: a mistake in the program
├── EncodeError      an event that its schema cannot hold: a mistake in the program
├── DecodeError      bytes that are no event of ours: dead letter, with the message as the reason
│   └── UnknownSchemaError    framed well, but by a schema that is not known here
├── CursorError      a word that no list or feed gave out: the caller leaves it out
└── RegistryError    the schema registry did not answer as it should: retry
"""


class ContractError(Exception):
    """The root: catch it to catch them all."""


class UnknownTopicError(ContractError):
    """Mend the name, or add the topic to topics.yaml."""


class EncodeError(ContractError):
    """Mend the program that built the event."""


class DecodeError(ContractError):
    """Dead letter: reading it again gives the same."""


class UnknownSchemaError(DecodeError):
    """The producer is newer than this program, or not one of ours."""

    def __init__(self, message: str, schema_id: int | None = None) -> None:
        super().__init__(message)
        self.schema_id = schema_id


class CursorError(ContractError):
    """The caller starts again without a cursor."""


class RegistryError(ContractError):
    """Look at the schema registry's own log, then try again."""
