"""What commands and clients can fail with: one line for people, and exit code 2 of a command."""


class CliError(Exception):
    """Shown as `error: …`, without a traceback."""


class ClientError(CliError):
    """What a client cannot do: what it was given is wrong, or the platform refused or did not answer."""


class ClearTextWarning(UserWarning):
    """What a client sends, its key too, can be read on the way: the address is http, and of another machine."""


def expected_errors() -> tuple[type[Exception], ...]:
    """Everything that is the user's to mend, not a fault of this program."""
    from ad_data.errors import DataError
    from ad_detectors.errors import DetectorError

    return (CliError, DetectorError, DataError, OSError)
