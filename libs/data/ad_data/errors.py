"""What can be wrong with data as a whole. A bad record is a value (Reject, Failure), never an exception.

DataError
├── SchemaError              the description of a stream contradicts itself: mend it
└── ReadError                a file or a body that cannot be read: one line that says what would work
    └── UnsupportedFormatError   a form that nothing here reads
"""


class DataError(Exception):
    """The root: catch it to catch them all."""


class SchemaError(DataError):
    """The schema of a stream names the field and what would be right."""


class ReadError(DataError):
    """The file or body is not what it should be."""


class UnsupportedFormatError(ReadError):
    """No reader for this form: the message lists those there are."""
