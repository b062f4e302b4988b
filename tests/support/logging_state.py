"""Logging is one for the whole process; tests that configure it put it back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def kept_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    try:
        yield
    finally:
        root.handlers, root.level = before
        structlog.reset_defaults()
