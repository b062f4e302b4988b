"""One process holds one or all services behind one socket, and ends in order."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
import websockets
from fastapi import Request, WebSocket, WebSocketDisconnect

from ad_chassis.errors import SettingsError
from ad_chassis.hosting import _reachable, hosted, run
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.settings import HttpSettings, TelemetrySettings
from ad_chassis.testing.platform import embedded_settings
from tests.support.logging_state import kept_logging
from tests.support.shop_service import build_gateway, build_shop


def build_mirror(platform: Platform) -> Service:
    app = platform.app("mirror", platform.health())

    @app.get("/who")
    async def get_who(request: Request) -> str:
        return f"{request.client.host if request.client else None} {request.url.scheme}"

    @app.websocket("/feed")
    async def feed(socket: WebSocket) -> None:
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            await socket.receive_text()

    return Service("mirror", app)


async def test_all_services_share_a_process_and_only_the_edge_has_the_socket(tmp_path: Path) -> None:
    async with (
        hosted([build_shop, build_gateway], embedded_settings(tmp_path), edge="gateway") as host,
        httpx2.AsyncClient(base_url=host.url) as client,
    ):
        assert (await client.get("/api/v1/greeting")).json() == "the shop is open"
        assert (await client.get("/api/v1/shop")).status_code == 404
        assert (await client.get("/health/ready")).status_code == 200
        text = (await client.get("/metrics")).text
    assert 'endpoint="/api/v1/greeting"' in text
    assert 'endpoint="/api/v1/shop"' not in text


async def test_a_single_service_has_its_own_socket(tmp_path: Path) -> None:
    async with (
        hosted([build_shop], embedded_settings(tmp_path), name="shop") as host,
        httpx2.AsyncClient(base_url=host.url) as client,
    ):
        assert (await client.get("/api/v1/shop")).json() == "the shop is open"
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(host.url)


async def test_a_process_that_stops_says_so_and_still_answers_before_its_socket_closes(
    tmp_path: Path,
) -> None:
    settings = embedded_settings(tmp_path)
    runtime = settings.runtime.model_copy(update={"drain_seconds": 1.0})
    leave = asyncio.Event()

    async def run_shop(url: asyncio.Future[str]) -> None:
        async with hosted(
            [build_shop], settings.model_copy(update={"runtime": runtime}), name="shop"
        ) as host:
            url.set_result(host.url)
            await leave.wait()

    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(run_shop(url))
    async with httpx2.AsyncClient(base_url=await url) as client:
        assert (await client.get("/health/ready")).status_code == 200
        leave.set()
        while (await client.get("/health/ready")).status_code == 200:
            await asyncio.sleep(0)
        assert (await client.get("/api/v1/shop")).status_code == 200
    await running


async def test_the_address_of_a_client_is_that_of_its_socket_unless_a_trusted_proxy_says_otherwise(
    tmp_path: Path,
) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for trusted, expected in (("", "127.0.0.1 http"), ("127.0.0.0/8", "203.0.113.9 https")):
        http = HttpSettings(host="127.0.0.1", port=0, trusted_proxies=trusted)
        async with (
            hosted([build_mirror], embedded_settings(tmp_path, http=http), name="mirror") as host,
            httpx2.AsyncClient(base_url=host.url) as client,
        ):
            assert (await client.get("/who", headers=forged)).json() == expected


async def test_websockets_of_a_process_that_stops_are_told_that_it_will_be_back(tmp_path: Path) -> None:
    async with hosted([build_mirror], embedded_settings(tmp_path), name="mirror") as host:
        socket = await websockets.connect(host.url.replace("http", "ws", 1) + "/feed")
    await socket.wait_closed()
    assert socket.close_code == 1012


async def test_metrics_have_a_port_of_their_own_when_they_are_on(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    telemetry = TelemetrySettings(prometheus=True, metrics_port=port, otlp_endpoint=None)
    async with (
        hosted([build_shop], embedded_settings(tmp_path, telemetry=telemetry), name="shop") as host,
        httpx2.AsyncClient() as client,
    ):
        await client.get(f"{host.url}/api/v1/shop")
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    assert "anomaly_detection_requests_total" in text


async def test_a_taken_metrics_port_keeps_nobody_from_starting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        telemetry = TelemetrySettings(
            prometheus=True, metrics_port=taken.getsockname()[1], otlp_endpoint=None
        )
        async with (
            hosted([build_shop], embedded_settings(tmp_path, telemetry=telemetry), name="shop") as host,
            httpx2.AsyncClient(base_url=host.url) as client,
        ):
            assert (await client.get("/metrics")).status_code == 200


async def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path) -> None:
    def build(platform: Platform) -> Service:
        pytest.fail("nothing may be built")

    with socket.create_server(("127.0.0.1", 0)) as taken:
        http = HttpSettings(host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match=r"API_PORT.*cannot be opened"):
            async with hosted([build], embedded_settings(tmp_path, http=http), name="x"):
                pytest.fail("the block must not run")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_ends_in_order_at_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "tests.support.shop_service"]
    environment = {
        **os.environ,
        "ANOMALY_DETECTION_DATA_DIR": str(tmp_path),
        "API_PORT": "0",
        "PROMETHEUS_ENABLED": "false",
        "AUTH_URL": "http://127.0.0.1:1",
    }
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx2.get(f"{url}/api/v1/greeting").json() == "the shop is open"
        process.send_signal(number)
        assert process.stdout.read().split() == ["stopped"]
        assert process.wait(timeout=20) == 0


def test_a_worker_ends_in_order_when_the_process_that_started_it_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.shop_service"]
    alive, held = os.pipe()
    with socket.create_server(("127.0.0.1", 0)) as shared:
        port = shared.getsockname()[1]
        environment = {
            **os.environ,
            "ANOMALY_DETECTION_DATA_DIR": str(tmp_path),
            "ANOMALY_DETECTION_LISTENER_FD": str(shared.fileno()),
            "ANOMALY_DETECTION_PARENT_FD": str(alive),
            "PROMETHEUS_ENABLED": "false",
            "AUTH_URL": "http://127.0.0.1:1",
        }
        root, given = Path(__file__).parents[3], (shared.fileno(), alive)
        with subprocess.Popen(
            command, env=environment, cwd=root, stdout=subprocess.PIPE, text=True, pass_fds=given
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == f"http://127.0.0.1:{port}"
            os.close(held)
            assert "stopped" in process.stdout.read().split()
            assert process.wait(timeout=20) == 0
        os.close(alive)


def test_a_process_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        http = HttpSettings(host="127.0.0.1", port=taken.getsockname()[1])
        before = os.umask(0o022)
        try:
            with kept_logging(), pytest.raises(SystemExit, match="API_PORT"):
                run("shop", build_shop, embedded_settings(tmp_path, http=http))
        finally:
            # What a process of services keeps to itself, the tests that follow need not.
            os.umask(before)


@pytest.mark.parametrize(
    ("bound", "called"),
    [("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"), ("10.0.0.1", "10.0.0.1"), ("host", "host")],
)
def test_the_address_that_is_shown_is_one_that_can_be_called(bound: str, called: str) -> None:
    assert _reachable(bound) == called


async def test_a_service_without_the_address_of_one_that_it_calls_does_not_start(tmp_path: Path) -> None:
    def calling(platform: Platform) -> Service:
        platform.client("model_registry")
        return build_shop(platform)

    with pytest.raises(SettingsError, match="MODEL_REGISTRY_URL is not set"):
        async with hosted([calling], embedded_settings(tmp_path)):
            raise AssertionError("it started")
