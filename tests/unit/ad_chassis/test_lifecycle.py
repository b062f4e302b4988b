"""Components start in order and stop in reverse, whatever any of them does."""

import asyncio
import os
import signal

import pytest
import structlog

from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.lifecycle import ComponentTimeoutError, on_signals, started
from ad_chassis.metrics import Metrics
from ad_chassis.service import Service


class Part:
    """A component that writes down what happens to it."""

    def __init__(
        self, name: str, diary: list[str], *, bad_start: bool = False, bad_stop: bool = False
    ) -> None:
        self.name = name
        self.diary = diary
        self.bad_start = bad_start
        self.bad_stop = bad_stop

    async def start(self) -> None:
        self.diary.append(f"+{self.name}")
        if self.bad_start:
            raise ConnectionError(self.name)

    async def stop(self) -> None:
        self.diary.append(f"-{self.name}")
        if self.bad_stop:
            raise ConnectionError(self.name)


class Hanging(Part):
    """Hangs where it is told to."""

    async def start(self) -> None:
        await super().start()
        if "start" in self.name:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        await super().stop()
        if "stop" in self.name:
            await asyncio.Event().wait()


def service(name: str, *parts: Part) -> Service:
    app = create_app(name, "1", metrics=Metrics(name), health=Health("1"))
    return Service(name, app, parts)


async def test_components_start_in_order_and_stop_in_reverse() -> None:
    diary: list[str] = []
    first = service("one", Part("a", diary), Part("b", diary))
    second = service("two", Part("c", diary))
    async with started([first, second]):
        assert diary == ["+a", "+b", "+c"]
    assert diary == ["+a", "+b", "+c", "-c", "-b", "-a"]


async def test_a_service_is_ready_while_it_runs_only() -> None:
    running = service("one")
    health: Health = running.app.state.health
    async with started([running]):
        assert (await health.readiness()).healthy
    assert not (await health.readiness()).healthy


async def test_a_component_that_fails_to_start_stops_those_before_it_and_itself() -> None:
    diary: list[str] = []
    parts = [Part("a", diary), Part("b", diary, bad_start=True), Part("c", diary)]
    with pytest.raises(ConnectionError):
        async with started([service("one", *parts)]):
            pytest.fail("the block must not run")
    assert diary == ["+a", "+b", "-b", "-a"]


async def test_a_component_that_does_not_start_in_time_is_named() -> None:
    diary: list[str] = []
    with pytest.raises(ComponentTimeoutError, match=r"Hanging of one did not start within 0\.05 s"):
        async with started([service("one", Hanging("start", diary))], start_seconds=0.05):
            pytest.fail("the block must not run")


async def test_components_that_hang_or_fail_at_the_end_do_not_keep_the_others() -> None:
    diary: list[str] = []
    parts = [Part("a", diary), Hanging("stop", diary), Part("c", diary, bad_stop=True)]
    with structlog.testing.capture_logs() as logs:
        async with started([service("one", *parts)], stop_seconds=0.05):
            diary.clear()
    assert diary == ["-c", "-stop", "-a"]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "component failed to stop",
        "component did not stop in time",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_asks_to_stop_once_and_then_means_what_it_always_means(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stop = asyncio.Event()
    with on_signals(stop.set):
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await stop.wait()
        assert signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler)
    signal.signal(number, before)
