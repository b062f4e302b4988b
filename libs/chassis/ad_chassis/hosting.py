"""The process around services: one socket, one or all services behind it."""

import asyncio
import contextlib
import gc
import ipaddress
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ad_chassis.allocator import return_large_blocks
from ad_chassis.errors import PlatformError, SettingsError
from ad_chassis.http.protocol import PunctualProtocol
from ad_chassis.lifecycle import ComponentTimeoutError, on_signals, started
from ad_chassis.logs import configure_logs, get_logger
from ad_chassis.metrics import CONTENT_TYPE, render
from ad_chassis.platform import Platform, open_platform
from ad_chassis.service import Service
from ad_chassis.settings import PlatformSettings
from ad_chassis.workers import require_shared_log, run_workers

Build = Callable[[Platform], Service]
PRIVATE = 0o077
"""What the process writes is for its owner alone: records, keys, databases."""
SWITCH_SECONDS = 0.0005
"""A thread that scores gives the interpreter away with every kernel, and would wait 5 ms for it to come back."""
YOUNG_OBJECTS = 200_000
MOST_SOCKET_BYTES = 32 * 2**10
log = get_logger("hosting")


@dataclass(frozen=True, slots=True)
class Hosted:
    """A running process of services."""

    url: str
    platform: Platform
    services: tuple[Service, ...]


def run(name: str, build: Build, settings: PlatformSettings) -> None:
    """One service in a process of its own, until SIGTERM or SIGINT."""
    os.umask(PRIVATE)
    _run(_until_stopped([build], settings, name=name, edge=None))


def run_many(
    builds: Sequence[Build],
    settings: PlatformSettings,
    *,
    edge: str = "gateway",
    on_ready: Callable[[Hosted], None] | None = None,
) -> None:
    """All services in this process; only the one at the edge has a socket, the others are reached inside."""
    os.umask(PRIVATE)
    _run(_until_stopped(builds, settings, name="anomaly_detection", edge=edge, on_ready=on_ready))


@asynccontextmanager
async def hosted(
    builds: Sequence[Build],
    settings: PlatformSettings,
    *,
    name: str = "anomaly_detection",
    edge: str | None = None,
) -> AsyncIterator[Hosted]:
    """Runs services until the block ends; what `run` and `run_many` do, for tests and programs."""
    with _listener(settings) as listener:
        async with open_platform(settings, name=name, edge=edge) as platform:
            services = tuple(build(platform) for build in builds)
            for service in services:
                platform.register(service.name, service.app)
            platform.require_addresses()
            runtime = settings.runtime
            async with (
                started(services, start_seconds=runtime.start_seconds, stop_seconds=runtime.stop_seconds),
                serving(
                    _app_at(services, edge), listener, runtime.stop_seconds, settings.http.trusted_proxies
                ),
                _metrics_port(platform),
            ):
                host, port = listener.getsockname()[:2]
                try:
                    yield Hosted(f"http://{_reachable(host)}:{port}", platform, services)
                finally:
                    # Before the socket closes, so that a load balancer sends nothing more.
                    for service in services:
                        service.app.state.health.draining()
                    await asyncio.sleep(runtime.drain_seconds)


@asynccontextmanager
async def serving(
    app: ASGIApp, listener: socket.socket, stop_seconds: float = 10.0, trusted_proxies: str = ""
) -> AsyncIterator[None]:
    """uvicorn on a socket that is bound already; leaves the signals to us."""
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            http=PunctualProtocol,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=trusted_proxies,
            # What clients say over a socket is short; a message compressed for each of thousands is not cheap.
            ws_max_size=MOST_SOCKET_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=max(1, round(stop_seconds)),
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _first(server.up.wait(), task)
        yield
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """Says when it is up, and leaves the signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _run(main: Coroutine[Any, Any, None]) -> None:
    """An expected failure ends the process with one line instead of a traceback."""
    return_large_blocks()
    try:
        uvloop.run(main)
    except (PlatformError, ComponentTimeoutError) as error:
        raise SystemExit(str(error)) from None


async def _first(up: Coroutine[None, None, object], server: asyncio.Task[None]) -> None:
    """Waits until the server is up, or raises what kept it from that."""
    waiting = asyncio.ensure_future(up)
    try:
        await asyncio.wait({waiting, server}, return_when=asyncio.FIRST_COMPLETED)
        if server.done():
            server.result()
    finally:
        waiting.cancel()


async def _until_stopped(
    builds: Sequence[Build],
    settings: PlatformSettings,
    *,
    name: str,
    edge: str | None,
    on_ready: Callable[[Hosted], None] | None = None,
) -> None:
    configure_logs(name, settings.runtime)
    this = asyncio.current_task()
    if this is None:
        raise RuntimeError("this runs inside an event loop only")
    # Cancelling unwinds whatever has been started so far, so a signal during the start is no special case.
    stop = _once(this.cancel)
    with (
        on_signals(stop),
        _at_end_of(settings.worker.parent_fd, stop),
        contextlib.suppress(asyncio.CancelledError),
    ):
        async with hosted(builds, settings, name=name, edge=edge) as host:
            log.info("ready", url=host.url)
            _relieve_collector()
            sys.setswitchinterval(SWITCH_SECONDS)
            if on_ready:
                on_ready(host)
            await asyncio.Event().wait()


def _once(stop: Callable[[], object]) -> Callable[[], None]:
    """A second cancellation would break off what the first one ends in order."""
    stopped = False

    def once() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            stop()

    return once


@contextlib.contextmanager
def _at_end_of(parent_fd: int | None, stop: Callable[[], None]) -> Iterator[None]:
    """Stops when the process is gone that started this one: the other end of the pipe closes with it."""
    if parent_fd is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def gone() -> None:
        loop.remove_reader(parent_fd)
        log.warning("the process that started this worker is gone; it ends")
        stop()

    loop.add_reader(parent_fd, gone)
    try:
        yield
    finally:
        loop.remove_reader(parent_fd)


def _relieve_collector() -> None:
    """What lives as long as the process is never looked at again, and a batch of records starts no search.

    Every search for cycles visits all young objects, of which a batch has tens of thousands and no cycle.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def _app_at(services: Sequence[Service], edge: str | None) -> ASGIApp:
    """The application behind the socket: that of the edge, else of the only service."""
    if edge is None and len(services) == 1:
        return services[0].app
    for service in services:
        if service.name == edge:
            return service.app
    raise SettingsError(
        f"one of the services must be the edge {edge!r}; there are {[s.name for s in services]}"
    )


def run_several(command: Sequence[str], settings: PlatformSettings) -> None:
    """`API_WORKERS` processes of the command that runs one service, until SIGTERM or SIGINT."""
    require_shared_log(settings)
    os.umask(PRIVATE)
    configure_logs("workers", settings.runtime)
    with _listener(settings) as listener:
        run_workers(command, settings, listener)


def _listener(settings: PlatformSettings) -> socket.socket:
    """The socket of this process, or the one that it shares with other workers."""
    shared = settings.worker.listener_fd
    return (
        socket.socket(fileno=shared)
        if shared is not None
        else _socket(settings.http.host, settings.http.port)
    )


def _socket(host: str, port: int) -> socket.socket:
    """Bound before anything starts, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"API_HOST, API_PORT: {host}:{port} cannot be opened: {error.strerror}; choose another port"
        ) from error
    return listener


@asynccontextmanager
async def _metrics_port(platform: Platform) -> AsyncIterator[None]:
    """Metrics on a port of their own, which a firewall can keep inside; port 0 opens none."""
    settings = platform.settings
    if not settings.telemetry.prometheus or settings.telemetry.metrics_port == 0:
        yield
        return
    try:
        listener = _socket(settings.http.host, settings.telemetry.metrics_port)
    except SettingsError:
        log.warning(
            "METRICS_PORT is taken; /metrics stays on the port of the API",
            port=settings.telemetry.metrics_port,
        )
        yield
        return
    with listener:
        async with serving(_metrics_app(platform), listener, 1.0):
            yield


def _metrics_app(platform: Platform) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await Response(render(platform.registries()), media_type=CONTENT_TYPE)(scope, receive, send)

    return app


def _reachable(host: str) -> str:
    """An address to call: the one that listens everywhere is not one."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    name = ("::1" if address.version == 6 else "127.0.0.1") if address.is_unspecified else host
    return f"[{name}]" if address.version == 6 else name
