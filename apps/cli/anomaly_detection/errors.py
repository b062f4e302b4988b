"""What commands and clients can fail with: one line for people, and exit code 2 of a command."""


class CliError(Exception):
    """Shown as `error: …`, without a traceback."""


class ClientError(CliError):
    """What a client was asked cannot be: the address, the key, the login, the records, or the answer of the platform."""


def expected_errors() -> tuple[type[Exception], ...]:
    """Everything that is the user's to mend, not a fault of this program."""
    from ad_data.errors import DataError
    from ad_detectors.errors import DetectorError

    return (CliError, DetectorError, DataError, OSError)
