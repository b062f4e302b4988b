"""The line that each request leaves: as every other line looks, but made past the records of the standard library."""

import logging
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii

from ad_chassis.logs import LineHandler, get_logger, trace_ids
from ad_chassis.redaction import redact_text
from ad_chassis.served import Served

NAME = "http"
log = get_logger(NAME)
_standard = logging.getLogger(NAME)


def log_request(
    served: Served, method: str, path: str, status: int, seconds: float, *, quiet: bool = False
) -> None:
    """A quiet one is for those who look for it, at the level DEBUG."""
    level = logging.DEBUG if quiet else logging.INFO
    if not _standard.isEnabledFor(level):
        return
    seconds = round(seconds, 6)
    handlers = logging.getLogger().handlers
    if len(handlers) == 1 and isinstance(handlers[0], LineHandler) and not _standard.handlers:
        handlers[0].line(_line(served, method, path, status, seconds, "debug" if quiet else "info"))
    else:
        log.log(level, "request", method=method, path=path, status=status, seconds=seconds)


def _line(served: Served, method: str, path: str, status: int, seconds: float, level: str) -> str:
    """What is written without quotes comes from here alone."""
    ids = "".join(f', "{name}": "{value}"' for name, value in trace_ids())
    return (
        f'{{"method": {_quoted(method)}, "path": {_quoted(path)}, "status": {status}, "seconds": {seconds}, '
        f'"event": "request", "request_id": {_quoted(served.request_id)}, '
        f'"service": {_quoted(served.service or "")}, "level": "{level}", "logger": "{NAME}", '
        f'"timestamp": "{datetime.now(UTC).isoformat().replace("+00:00", "Z")}"{ids}}}'
    )


def _quoted(text: str) -> str:
    return encode_basestring_ascii(redact_text(text))
