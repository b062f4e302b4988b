"""A way to a server that delays, trickles, hangs and resets, as networks do."""

import asyncio
import contextlib
import socket
import struct
from typing import Literal

Mood = Literal["good", "slow", "trickling", "hanging", "resetting"]
DELAY_SECONDS = 0.05
TRICKLE_BYTES = 64
CHUNK_BYTES = 65_536
LOOK_SECONDS = 0.05


class Proxy:
    def __init__(self, port: int) -> None:
        self._target = port
        self._mood: Mood = "good"
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.be("resetting")

    def be(self, mood: Mood) -> None:
        """From now on, for connections that are there and new ones."""
        self._mood = mood
        if mood == "resetting":
            for writer in self._writers:
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mood == "resetting":
            _reset(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            _reset(writer)
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._writers -= both
            for each in both:
                each.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                while self._mood == "hanging":
                    await asyncio.sleep(LOOK_SECONDS)
                if self._mood == "slow":
                    await asyncio.sleep(DELAY_SECONDS)
                size = TRICKLE_BYTES if self._mood == "trickling" else CHUNK_BYTES
                for start in range(0, len(data), size):
                    writer.write(data[start : start + size])
                    await writer.drain()
                    if self._mood == "trickling":
                        await asyncio.sleep(0.001)
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Not a close: the other side is told that the connection broke."""
    found = writer.get_extra_info("socket")
    if found is not None:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
