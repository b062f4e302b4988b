"""Starting in order, stopping in reverse, and the signals in between."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from ad_chassis.logs import get_logger, log_context
from ad_chassis.service import Component, Service

SIGNALS = (signal.SIGTERM, signal.SIGINT)
log = get_logger("lifecycle")


class ComponentTimeoutError(RuntimeError):
    """A component did not start in time; the message names it."""


@asynccontextmanager
async def started(
    services: Sequence[Service], *, start_seconds: float = 120.0, stop_seconds: float = 10.0
) -> AsyncIterator[None]:
    """Runs the components of the services; whatever was started is stopped, each within its time."""
    running: list[tuple[Service, Component]] = []
    try:
        for service in services:
            for component in service.components:
                running.append((service, component))
                await _start(service, component, start_seconds)
            service.app.state.health.started()
            log.info("service started", service=service.name)
        yield
    finally:
        for service in services:
            service.app.state.health.draining()
        for service, component in reversed(running):
            await _stop(service, component, stop_seconds)


async def _start(service: Service, component: Component, seconds: float) -> None:
    with log_context(service=service.name):
        try:
            async with asyncio.timeout(seconds):
                await component.start()
        except TimeoutError:
            raise ComponentTimeoutError(
                f"{_name(component)} of {service.name} did not start within {seconds:g} s"
            ) from None


async def _stop(service: Service, component: Component, seconds: float) -> None:
    """One component that fails to stop must not keep the others from stopping."""
    with log_context(service=service.name):
        try:
            async with asyncio.timeout(seconds):
                await component.stop()
        except TimeoutError:
            log.error("component did not stop in time", component=_name(component), seconds=seconds)
        except Exception as error:
            log.error("component failed to stop", component=_name(component), exc_info=error)


def _name(component: Component) -> str:
    return type(component).__name__


@contextmanager
def on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Calls `stop` at the first SIGTERM or SIGINT; a second one ends the process as usual."""
    loop = asyncio.get_running_loop()

    def once() -> None:
        restore()
        stop()

    def restore() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, once)
    try:
        yield
    finally:
        restore()
