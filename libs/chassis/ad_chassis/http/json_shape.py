"""A body of JSON that nests too deep or holds too many values is refused while it comes in, before it is parsed."""

import re
from array import array
from dataclasses import dataclass
from itertools import accumulate

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ad_chassis.http.problems import problem_response

JSON = re.compile(rb"\s*application/([^;]*\+)?json\s*(;|$)", re.IGNORECASE)
BRACKETS = b"[]{}"
NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in BRACKETS)
STEPS = bytes.maketrans(BRACKETS, b"\x01\xff\x01\xff")
"""As signed bytes: one level deeper, one level up."""


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """A value takes as little as 2 bytes of a body, and up to 60 of memory once it is an object."""

    max_depth: int = 64
    max_values: int = 5_000_000
    of_records: bool = False
    """The service reads records by itself: inflated, as many as there are, and bad ones set aside one by one."""


USUAL = JsonLimits()


class JsonScan:
    """Depth and number of values of JSON that comes in pieces; C does the work, and nothing is kept but the state."""

    def __init__(self) -> None:
        self.deepest = 0
        self.values = 1
        self._depth = 0
        self._in_string = False
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        parts = self._without_escapes(self._rest + piece).split(b'"')
        outside = b"".join(parts[self._in_string :: 2])
        self._in_string ^= len(parts) % 2 == 0
        self.values += outside.count(b",")
        steps = array("b", outside.translate(STEPS, NOT_BRACKETS))
        if steps:
            depths = list(accumulate(steps, initial=self._depth))
            self._depth = depths[-1]
            self.deepest = max([self.deepest, *depths])

    def _without_escapes(self, text: bytes) -> bytes:
        """No escaped quote is left; half an escape at the end waits for the next piece."""
        self._rest = b""
        if b"\\" not in text:
            return text
        text = text.replace(b"\\\\", b"")
        if text.endswith(b"\\"):
            text, self._rest = text[:-1], b"\\"
        return text.replace(b'\\"', b"")


class JsonShape:
    """What parses JSON is told of it here: recursion and millions of small objects cost far more than their bytes."""

    def __init__(self, app: ASGIApp, limits: JsonLimits) -> None:
        self._app = app
        self._max_values = float("inf") if limits.of_records else limits.max_values
        self._max_depth = limits.max_depth
        self._of_records = limits.of_records

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _says_json(scope):
            await self._app(scope, receive, send)
            return
        if _is_compressed(scope):
            if self._of_records:
                await self._app(scope, receive, send)
                return
            detail = "a compressed body is not taken here; send it plain"
            response = problem_response(415, detail, scope["path"], headers={"Accept-Encoding": "identity"})
            await response(scope, receive, send)
            return
        scan: JsonScan | None = None

        async def looked_at() -> Message:
            nonlocal scan
            message = await receive()
            body: bytes = message.get("body", b"")
            if scan is None and not message.get("more_body") and self._plainly_small(body):
                return message
            if not self._of_records:
                _refuse_wide(body)
            scan = scan or JsonScan()
            scan.feed(body)
            self._check(scan)
            return message

        await self._app(scope, looked_at, send)

    def _plainly_small(self, body: bytes) -> bool:
        """Too few brackets and commas for any harm, wherever they stand."""
        return b"\0" not in body and (
            body.count(b"[") + body.count(b"{") <= self._max_depth and body.count(b",") < self._max_values
        )

    def _check(self, scan: JsonScan) -> None:
        # FastAPI lets only its own kind of exception out of the reading of a body.
        if scan.deepest > self._max_depth:
            raise HTTPException(400, f"the body nests deeper than {self._max_depth} levels; make it flatter")
        if scan.values > self._max_values:
            raise HTTPException(
                413, f"the body holds more than {self._max_values} values; send it in smaller parts"
            )


def _refuse_wide(body: bytes) -> None:
    """UTF-16 would hide brackets from the count, and JSON between systems is UTF-8 (RFC 8259, 8.1)."""
    if b"\0" in body:
        raise HTTPException(400, "the body holds a zero byte; JSON is sent as UTF-8")


def _is_compressed(scope: Scope) -> bool:
    return any(
        name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}
        for name, value in scope["headers"]
    )


def _says_json(scope: Scope) -> bool:
    return any(name == b"content-type" and JSON.match(value) for name, value in scope["headers"])
