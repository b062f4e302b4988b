"""What a tenant notices of another one that sends all it can."""

import asyncio

from benchmarks.edge.bench import Bench, Whole
from benchmarks.edge.load import Load, Request, load
from benchmarks.engine.figures import Section, at_least, at_most

SECONDS, QUICK_SECONDS = 15.0, 5.0
WARM_SECONDS = 2.0
CALM_CALLERS, PAUSE = 5, 0.1
FLOOD_CALLERS = 64
MOST_TIMES = 2.0


async def measure(bench: Bench) -> Section:
    whole, seconds = await bench.whole(), bench.sized(SECONDS, QUICK_SECONDS)
    token = await whole.other_tenant("calm")
    # The first call of a tenant waits for keys and connections, and would pass for its usual p99.
    await _calm(whole, token, WARM_SECONDS)
    calm = await _calm(whole, token, seconds)
    flood, pressed = await asyncio.gather(_flood(whole, seconds + 1), _calm(whole, token, seconds))
    assert calm.good == calm.answered, calm
    assert pressed.good == pressed.answered, pressed
    refused = flood.answered - flood.good
    return Section(
        [
            at_most("p99 of a calm tenant alone", calm.p99 * 1000, "ms"),
            at_most("p99 beside a flood", pressed.p99 * 1000, "ms"),
            at_most("p99 beside a flood, in times", pressed.p99 / calm.p99, "×", must=MOST_TIMES, aim=1.5),
            at_least("calls of the flood", flood.answered / seconds, "/s"),
            at_least("of which were refused (429)", refused / flood.answered * 100, "%"),
        ]
    )


async def _calm(whole: Whole, token: str, seconds: float) -> Load:
    """50 calls a second, as a dashboard or two make them."""
    return await load(_request(whole, token, CALM_CALLERS, seconds, PAUSE))


async def _flood(whole: Whole, seconds: float) -> Load:
    return await load(_request(whole, whole.token, FLOOD_CALLERS, seconds, 0.0))


def _request(whole: Whole, token: str, callers: int, seconds: float, pause: float) -> Request:
    headers = {"authorization": f"Bearer {token}"}
    return Request(whole.port, "GET", "/api/v1/anomalies?limit=10", headers, "", callers, seconds, pause)
