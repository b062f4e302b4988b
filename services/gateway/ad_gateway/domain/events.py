"""Messages of the feed as Server-Sent Events (WHATWG HTML, 9.2)."""

import msgspec

RETRY_MS = 1_000
BEGIN = f"retry: {RETRY_MS}\n\n"


def event(text: str) -> str:
    """A message with its type as the event's and its cursor as the id with which a browser comes back.

    A heartbeat is a comment that moves the id on, and no event.
    """
    _, _, _, kind, _, _, _, cursor, _ = text.split('"', 8)
    if kind == "heartbeat":
        return f": heartbeat\nid: {cursor}\n\n"
    return f"id: {cursor}\nevent: {kind}\ndata: {text}\n\n"


def closed(code: int, reason: str) -> str:
    """What a close frame says over a WebSocket."""
    data = msgspec.json.encode({"type": "closed", "code": code, "reason": reason}).decode()
    return f"event: closed\ndata: {data}\n\n"
