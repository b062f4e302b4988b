"""What the command line can fail with: one line for people, exit code 2."""


class CliError(Exception):
    """Shown as `error: …`, without a traceback."""


def expected_errors() -> tuple[type[Exception], ...]:
    """Everything that is the user's to mend, not a fault of this program."""
    from ad_data.errors import DataError
    from ad_detectors.errors import DetectorError

    return (CliError, DetectorError, DataError, OSError)
