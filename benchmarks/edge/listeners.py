"""A process of many WebSocket clients that do as little as a client can.

`python -m benchmarks.edge.listeners PORT` reads a token a line, connects with each, and prints `open` when all of them
were told `ready`; then a line for every anomaly that all of them got: its id, and when the median and the last client
had it, in nanoseconds of the monotonic clock.
"""

import asyncio
import os
import struct
import sys
import time
from base64 import b64encode

import uvloop

AT_ONCE = 100
TEXT, PING, CLOSE = 0x1, 0x9, 0x8
MARK = b'"anomaly":{"id":"'


class Board:
    """When each anomaly came to how many."""

    def __init__(self, clients: int) -> None:
        self.clients = clients
        self.ready = 0
        self.all_ready = asyncio.Event()
        self._seen: dict[bytes, list[int]] = {}

    def message(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"ready"'):
            self.ready += 1
            if self.ready == self.clients:
                self.all_ready.set()
        elif payload.startswith(b'{"type":"anomaly"'):
            begin = payload.index(MARK) + len(MARK)
            name = payload[begin : begin + 36]
            times = self._seen.setdefault(name, [])
            times.append(time.monotonic_ns())
            if len(times) == self.clients:
                print(name.decode(), times[len(times) // 2], times[-1], flush=True)


class Listener(asyncio.Protocol):
    """Frames of a server are not masked; those of a client must be."""

    __slots__ = ("_board", "_buffer", "_upgraded", "transport")

    def __init__(self, board: Board) -> None:
        self._board = board
        self._buffer = b""
        self._upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded:
            head, separator, rest = self._buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            if b" 101 " not in head[:20]:
                sys.exit(f"the gateway answered {head[:200]!r}")
            self._upgraded, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            self._take(*frame)

    def connection_lost(self, exc: Exception | None) -> None:
        print(f"a client was cut off: {exc}", file=sys.stderr)

    def _frame(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 4:
            return None
        size, begin = buffer[1] & 0x7F, 2
        if size == 126:
            size, begin = struct.unpack("!H", buffer[2:4])[0], 4
        if size == 127 or len(buffer) < begin + size:
            return None
        self._buffer = buffer[begin + size :]
        return buffer[0] & 0xF, buffer[begin : begin + size]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._board.message(payload)
        elif opcode == PING:
            # A mask of zeros is a mask.
            self.transport.write(bytes((0x8A, 0x80 | len(payload))) + b"\0\0\0\0" + payload)
        elif opcode == CLOSE:
            print(f"a client was closed: {payload!r}", file=sys.stderr)


async def connect(port: int, token: str, board: Board) -> None:
    transport, _ = await asyncio.get_running_loop().create_connection(
        lambda: Listener(board), "127.0.0.1", port
    )
    key = b64encode(os.urandom(16)).decode()
    request = (
        f"GET /api/v1/ws/anomalies HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    )
    transport.write(request.encode())


async def listen(port: int, tokens: list[str]) -> None:
    board = Board(len(tokens))
    for begin in range(0, len(tokens), AT_ONCE):
        some = tokens[begin : begin + AT_ONCE]
        await asyncio.gather(*(connect(port, token, board) for token in some))
        while board.ready < begin + len(some):
            await asyncio.sleep(0.005)
    await board.all_ready.wait()
    print("open", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(listen(int(sys.argv[1]), sys.stdin.read().split()))
