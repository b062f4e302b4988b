"""Structured logs: one JSON object a line, with ids of request and trace, without secrets."""

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TextIO

import structlog
from opentelemetry import trace

from ad_chassis.redaction import escaped, redact
from ad_chassis.security_metrics import SecurityEvent, count_event
from ad_chassis.served import SERVED
from ad_chassis.settings import RuntimeSettings

EventDict = MutableMapping[str, Any]
ROUTED = ("uvicorn", "uvicorn.error", "uvicorn.access", "sqlalchemy.engine", "alembic", "aiokafka", "asyncio")


def configure_logs(service: str, settings: RuntimeSettings, stream: TextIO | None = None) -> None:
    """Sends everything, that of the standard library included, through one chain to one stream."""
    out = stream or sys.stderr
    level = "DEBUG" if settings.debug else settings.log_level
    shared: list[structlog.typing.Processor] = [
        add_served,
        structlog.contextvars.merge_contextvars,
        _named(service),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_trace_ids,
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    console = settings.debug and out.isatty()
    handler = logging.StreamHandler(out) if console else LineHandler(out)
    handler.setFormatter(_formatter(shared, console=console))
    _route_standard_logging(handler, level)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    return structlog.stdlib.get_logger(name)


@contextmanager
def log_context(**values: Any) -> Iterator[None]:
    """Adds values to every line that is logged inside."""
    with structlog.contextvars.bound_contextvars(**values):
        yield


def security_event(event: SecurityEvent, **details: Any) -> None:
    """A line that an operator watches, and counts: a refused token, a forbidden call, a failed login."""
    count_event(event)
    shown = {name: escaped(value) if isinstance(value, str) else value for name, value in details.items()}
    get_logger("security").warning(event, security=True, **shown)


class LineHandler(logging.StreamHandler[TextIO]):
    """Also takes a line that is finished; where it cannot be written, that is nobody's failure, as with a record."""

    def line(self, text: str) -> None:
        with self.lock or nullcontext(), suppress(OSError, ValueError):
            self.stream.write(text + self.terminator)
            self.flush()


def add_served(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The ids of the request, before what else is bound: a task may have been started within a service's start."""
    if (served := SERVED.get()) is not None:
        event.setdefault("request_id", served.request_id)
        if served.service is not None:
            event.setdefault("service", served.service)
    return event


def trace_ids() -> tuple[tuple[str, str], ...]:
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return ()
    return ("trace_id", f"{context.trace_id:032x}"), ("span_id", f"{context.span_id:016x}")


def add_trace_ids(_logger: object, _method: str, event: EventDict) -> EventDict:
    event.update(trace_ids())
    return event


def _named(service: str) -> structlog.typing.Processor:
    def add_service(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("service", service)
        return event

    return add_service


def _as_warning_what_is_retried(_logger: object, _method: str, event: EventDict) -> EventDict:
    """aiokafka calls every attempt that it will repeat an error; what it gives up on reaches us as an exception."""
    if str(event.get("logger", "")).startswith("aiokafka.") and event.get("level") == "error":
        event["level"] = "warning"
    return event


def _formatter(shared: list[structlog.typing.Processor], *, console: bool) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(default=str)
    )
    ending: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, redact, renderer]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _as_warning_what_is_retried],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
    )


def _route_standard_logging(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ROUTED:
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    # One line per request is written by our own middleware, with the ids; theirs would double it.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    for chatty in ("httpx2", "httpcore2", "aiokafka", "alembic", "asyncio", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
