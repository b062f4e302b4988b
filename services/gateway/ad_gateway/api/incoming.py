"""The body of a request, counted as it comes: no larger and no slower than its route allows."""

import asyncio
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive

IDLE_SECONDS = 20.0
TOO_SLOW = "the body did not come to its end in time; send it faster, or in smaller parts"


class IncomingBody:
    """Nothing is kept of a body that is passed on in pieces."""

    def __init__(self, receive: Receive, max_bytes: int, idle_seconds: float = IDLE_SECONDS) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._idle_seconds = idle_seconds
        self.complete = False

    def check_length(self, said: str) -> None:
        """What says that it is too large is refused before a byte of it is read."""
        if said.isdecimal() and int(said) > self._max_bytes:
            raise self._too_large(close=True)

    async def pieces(self) -> AsyncIterator[bytes]:
        received = 0
        while not self.complete:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    message = await self._receive()
            except TimeoutError:
                raise HTTPException(408, TOO_SLOW, {"Connection": "close"}) from None
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            piece: bytes = message.get("body", b"")
            received += len(piece)
            if received > self._max_bytes:
                raise self._too_large(close=False)
            self.complete = not message.get("more_body", False)
            if piece:
                yield piece

    async def whole(self, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return b"".join([piece async for piece in self.pieces()])
        except TimeoutError:
            raise HTTPException(408, TOO_SLOW, {"Connection": "close"}) from None

    def _too_large(self, *, close: bool) -> HTTPException:
        detail = f"the body is larger than the {self._max_bytes} bytes that this address takes"
        return HTTPException(413, detail, {"Connection": "close"} if close else None)
