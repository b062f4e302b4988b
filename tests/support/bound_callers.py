"""What a caller is told of a stream that it is not bound to."""

import asyncio

import httpx2

from ad_chassis.testing import FakeAuth


async def hidden_and_missing(
    http: httpx2.AsyncClient, auth: FakeAuth, path: str
) -> tuple[httpx2.Response, httpx2.Response]:
    """Of `sensors`, once a caller that is bound to it gets an answer, and of a stream that does not exist."""
    own, bound = (auth.headers(streams=[stream]) for stream in ("sensors", "pumps"))
    async with asyncio.timeout(20):
        while not (await http.get(path, headers=own)).is_success:
            await asyncio.sleep(0.02)
    hidden = await http.get(path, headers=bound)
    return hidden, await http.get(path.replace("sensors", "nowhere"), headers=bound)
