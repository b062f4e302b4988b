"""The feed gives the event loop back."""

import asyncio
import time

from ad_gateway.usecases.pace import TURN_SECONDS, Pace


async def test_others_run_while_many_clients_catch_up() -> None:
    pace, rounds, going = Pace(), 0, True

    async def client() -> None:
        await pace.turn()
        time.sleep(TURN_SECONDS / 2)  # noqa: ASYNC251 - the work of sending

    async def other() -> None:
        nonlocal rounds
        while going:
            rounds += 1
            await asyncio.sleep(0)

    watching = asyncio.create_task(other())
    await asyncio.gather(*(client() for _ in range(20)))
    going = False
    await watching
    assert rounds >= 8
