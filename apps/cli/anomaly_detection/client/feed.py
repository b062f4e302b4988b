"""The live feed of anomalies, which goes on where it was cut."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from anomaly_detection.client.address import Address
from anomaly_detection.client.problems import HINTS, ServerError, unreachable

LONGEST_WAIT_SECONDS = 30.0
FIRST_WAIT_SECONDS = 0.5
LEAVING_SECONDS = 1.0
BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN = 4400, 4401, 4403
Query = Mapping[str, Sequence[str]]


class Cut(Exception):
    """The connection ended in a way that a new one may mend."""


@dataclass
class Feed:
    """Anomalies as they arrive. `note` is told in a line when it is open, lost and back."""

    address: Address
    query: Query
    note: Callable[[str], None]
    wait: Callable[[float], None] = time.sleep
    greeting: str = ""
    """Told once, when the feed is open."""
    cursor: str | None = None
    opened: bool = False
    """The feed was open at least once, so its address and key were right."""
    failures: int = 0

    def anomalies(self) -> Iterator[dict[str, Any]]:
        """Never ends by itself; raises `ServerError` when a new connection would not help."""
        while True:
            try:
                yield from self._connection()
            except Cut as cut:
                if not self.opened:
                    raise ServerError(str(cut)) from cut
                self._back_off(cut)

    def _connection(self) -> Iterator[dict[str, Any]]:
        """The anomalies of one connection; `Cut` is its only regular end."""
        try:
            socket = connect(
                self._url(),
                additional_headers=self.address.headers,
                proxy=None if self.address.on_this_machine else True,
                close_timeout=LEAVING_SECONDS,
            )
        except InvalidStatus as error:
            raise self._refused(error) from error
        except (OSError, WebSocketException) as error:
            raise Cut(str(unreachable(self.address.url, error))) from error
        greeted = False
        with socket:
            while True:
                try:
                    message = _message(socket.recv())
                except ConnectionClosed as closed:
                    raise _ended(closed, greeted) from closed
                greeted = True
                self._arrived(message)
                if message["type"] == "anomaly":
                    yield message["anomaly"]

    def _arrived(self, message: dict[str, Any]) -> None:
        """Called before the anomaly is handed over: one that was shown is not shown again."""
        if self.failures:
            self.note("connected again")
        elif self.greeting and not self.opened and message["type"] == "ready":
            self.note(self.greeting)
        self.cursor = message.get("cursor", self.cursor)
        self.opened, self.failures = True, 0

    def _back_off(self, cut: Cut) -> None:
        seconds = min(FIRST_WAIT_SECONDS * 2**self.failures, LONGEST_WAIT_SECONDS)
        self.failures += 1
        self.note(f"{cut}; connecting again in {seconds:g} s")
        # Many clients that lost the same gateway must not come back at the same moment.
        self.wait(seconds * random.SystemRandom().uniform(0.75, 1.25))

    def _url(self) -> str:
        query = dict(self.query) | ({} if self.cursor is None else {"after": [self.cursor]})
        return self.address.feed + ("?" + urlencode(query, doseq=True) if query else "")

    def _refused(self, error: InvalidStatus) -> Exception:
        status = error.response.status_code
        if status >= 500 or status == 429:
            return Cut(f"{self.address.url} answered {status}")
        return ServerError(
            f"{self.address.url} has no live feed (it answered {status}); is --server the platform's address?",
            status,
        )


def _message(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if not isinstance(message, dict) or "type" not in message:
        raise ServerError("the live feed sent something that is no message of it; is --server right?")
    if message["type"] == "error":
        raise ServerError(str(message.get("detail")))
    return message


def _ended(closed: ConnectionClosed, greeted: bool) -> Exception:
    """A token that ran out after a while is no reason to stop; one that was never taken is."""
    code = closed.rcvd.code if closed.rcvd else None
    reason = (closed.rcvd.reason if closed.rcvd else "") or "the connection was lost"
    if code in {BAD_REQUEST, FORBIDDEN} or (code == UNAUTHENTICATED and not greeted):
        return ServerError(reason + HINTS.get((code or 0) - 4000, ""), code)
    return Cut(reason)
