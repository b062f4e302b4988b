"""The live feed of anomalies as steps; it goes on where it was cut."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus

from anomaly_detection.client.calling import current
from anomaly_detection.client.effects import Connect, Found, Hear, Items, Say, Steps, Wait, Work
from anomaly_detection.client.problems import (
    ClientClosed,
    NoAnswer,
    ServerError,
    hint_for,
    printable,
    unreachable,
)
from anomaly_detection.client.retrying import PASSING
from anomaly_detection.client.signature import Signature

LONGEST_WAIT_SECONDS = 30.0
FIRST_WAIT_SECONDS = 0.5
RENEWAL_SECONDS = 45.0
"""Before its end a token is followed by another one; heartbeats come three times in it."""
AGAIN_SECONDS = 5.0
BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN = 4400, 4401, 4403
OPENED = "connected"
Query = Mapping[str, Sequence[str]]
Note = Callable[[str], object]


class Cut(ServerError):
    """The connection ended in a way that a new one may mend."""


class Closed(ServerError):
    """The connection ended with a code and a reason."""


def connection_failure(url: str, error: Exception) -> ServerError:
    """Why there is no connection."""
    if not isinstance(error, InvalidStatus):
        return Cut(str(unreachable(url, error)))
    status = error.response.status_code
    if status >= 500 or status == 429:
        return Cut(f"{url} answered {status}")
    return ServerError(
        f"{url} has no live feed (it answered {status}); is that the platform's address?", status
    )


def end_of(closed: ConnectionClosed) -> Closed:
    """Why there is no connection any more."""
    reason = closed.rcvd.reason if closed.rcvd else ""
    return Closed(reason or "the connection was lost", closed.rcvd.code if closed.rcvd else None)


@dataclass
class Feed:
    """Anomalies as they arrive. `note` is told in a line when it is open, lost and back."""

    url: str
    """Of the platform, for messages."""
    feed: str
    signature: Signature
    query: Query
    note: Note
    cursor: str | None = None
    opened: bool = False
    """The feed was open at least once, so its address and key were right."""
    failures: int = 0
    token: str = field(default="", repr=False)
    ends: float | None = None
    """When the token does, as far as there is something to do about it."""
    refused: str | None = field(default=None, repr=False)
    """The token that was not taken last."""

    def anomalies(self) -> Items[Any]:
        """Ends when the client is closed; raises `ServerError` when a new connection would not help."""
        try:
            while True:
                yield from self._connections()
        except ClientClosed:
            if not self.opened:
                raise

    def _connections(self) -> Items[Any]:
        try:
            yield from self._connection()
        except Cut as cut:
            if not self.opened:
                raise ServerError(str(cut), cut.status) from cut
            yield self._back_off(cut)

    def _connection(self) -> Items[Any]:
        """The anomalies of one connection; `Cut` is its only regular end."""
        self.token = yield from self._sign_in()
        yield Connect(self._address(), self.token)
        greeted = False
        while True:
            try:
                message = _message((yield Hear()))
            except Closed as closed:
                if self._may_renew(closed, greeted=greeted):
                    return
                raise _judged(closed, greeted=greeted) from closed
            greeted = True
            self._arrived(message)
            if message["type"] == "anomaly":
                yield Found(message["anomaly"])
            yield from self._stay()

    def _sign_in(self) -> Steps[str]:
        try:
            if self.refused is None:
                return (yield from current(self.signature))
            token: str = yield Work(partial(self.signature.renewed, self.refused))
        except ServerError as error:
            if isinstance(error, NoAnswer) or error.status in PASSING:
                raise Cut(str(error), error.status) from error
            raise
        return token

    def _may_renew(self, closed: Closed, *, greeted: bool) -> bool:
        """Another token may be taken where the first one of a connection was not, once."""
        if closed.status != UNAUTHENTICATED:
            return False
        fresh, self.refused = self.refused is not None, self.token
        return self.signature.renews and not (greeted or fresh)

    def _arrived(self, message: dict[str, Any]) -> None:
        """Called before the anomaly is handed over: one that was shown is not shown again."""
        if message["type"] == "error":
            # The platform could not look at the token just now: it is sent again after a while.
            self.note(printable(str(message.get("detail"))))
            self.token, self.ends = "", time.time() + RENEWAL_SECONDS + AGAIN_SECONDS
        elif self.failures:
            self.note("connected again")
        elif not self.opened and message["type"] == "ready":
            self.note(OPENED)
        if "token_expires_time" in message:
            self.ends = _seconds(message["token_expires_time"])
        self.cursor = message.get("cursor", self.cursor)
        self.opened, self.failures, self.refused = True, 0, None

    def _stay(self) -> Steps[None]:
        """Sends another token before the one in use ends; where that fails, the next connection has it."""
        if self.ends is None or not self.signature.renews or time.time() < self.ends - RENEWAL_SECONDS:
            return
        self.ends = None
        try:
            token = yield from current(self.signature)
            if token != self.token:
                yield Say(json.dumps({"type": "authenticate", "token": token}))
                self.token = token
        except ServerError:
            return

    def _back_off(self, cut: Cut) -> Wait:
        seconds = min(FIRST_WAIT_SECONDS * 2**self.failures, LONGEST_WAIT_SECONDS)
        self.failures += 1
        self.note(f"{cut}; connecting again in {seconds:g} s")
        # Many clients that lost the same gateway must not come back at the same moment.
        return Wait(seconds * random.SystemRandom().uniform(0.75, 1.25))

    def _address(self) -> str:
        query = dict(self.query) | ({} if self.cursor is None else {"after": [self.cursor]})
        return self.feed + ("?" + urlencode(query, doseq=True) if query else "")


def _message(text: str | bytes) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except ValueError:
        message = None
    if not isinstance(message, dict) or "type" not in message:
        raise ServerError("the live feed sent something that is no message of it; is the address right?")
    return message


def _judged(closed: Closed, *, greeted: bool) -> ServerError:
    """A token that ran out after a while is no reason to stop; one that was never taken is."""
    code = closed.status
    if code in {BAD_REQUEST, FORBIDDEN} or (code == UNAUTHENTICATED and not greeted):
        told = str(closed)
        return ServerError(told + hint_for((code or 0) - 4000, told), code)
    return Cut(str(closed), code)


def _seconds(moment: Any) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
