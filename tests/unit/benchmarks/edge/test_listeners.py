"""The clients of the benchmark read what a server writes, however it is cut."""

import json

import pytest
from websockets.frames import Frame, Opcode

from benchmarks.edge.listeners import Board, Listener

ID = "00000000-0000-0000-0000-000000000001"
HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class Transport:
    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def text(message: object) -> bytes:
    payload = json.dumps(message, separators=(",", ":")).encode()
    return bytes(Frame(Opcode.TEXT, payload).serialize(mask=False))


READY = text({"type": "ready", "cursor": "x"})
ANOMALY = text({"type": "anomaly", "cursor": "x", "anomaly": {"id": ID, "entity": "e" * 300}})


def connected(board: Board) -> tuple[Listener, Transport]:
    listener, transport = Listener(board), Transport()
    listener.connection_made(transport)
    return listener, transport


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_anomaly_is_told_when_every_client_has_it(size: int, capsys: pytest.CaptureFixture[str]) -> None:
    board = Board(clients=2)
    for number in (1, 2):
        listener, _ = connected(board)
        data = HEAD + READY + ANOMALY
        for begin in range(0, len(data), size):
            listener.data_received(data[begin : begin + size])
        assert board.all_ready.is_set() is (number == 2)
        assert capsys.readouterr().out.startswith(ID) is (number == 2)


def test_a_ping_is_answered_or_the_server_would_close() -> None:
    listener, transport = connected(Board(clients=1))
    listener.data_received(HEAD + bytes(Frame(Opcode.PING, b"abcd").serialize(mask=False)))
    assert transport.written == b"\x8a\x84\0\0\0\0abcd"


def test_a_refusal_ends_the_run() -> None:
    listener, _ = connected(Board(clients=1))
    with pytest.raises(SystemExit, match="429"):
        listener.data_received(b"HTTP/1.1 429 Too Many Requests\r\n\r\n")
