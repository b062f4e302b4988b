"""What AsyncAPI says of the live feed: one channel that is a WebSocket, and its messages in both directions."""

from typing import Any

import msgspec

from ad_gateway.domain.filters import KINDS, SEVERITIES
from ad_gateway.domain.requests import FORMS

CHANNEL = "live_anomalies"
ADDRESS = "/api/v1/ws/anomalies"
SCHEMAS = "#/components/schemas/{name}"


def _moment() -> dict[str, Any]:
    """Made anew for each place, or YAML would write a reference to the first."""
    return {"type": ["string", "null"], "format": "date-time"}


def _many() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


SENT: dict[str, tuple[str, dict[str, Any]]] = {
    "ready": ("The feed is open.", {"token_expires_time": _moment()}),
    "anomaly": ("An anomaly, as `GET /api/v1/anomalies/{id}` answers it.", {"anomaly": {"type": "object"}}),
    "heartbeat": ("Nothing else was sent for a while.", {}),
    "gap": (
        "The client was too slow; what it missed follows out of the log.",
        {"missed": {"type": "integer"}},
    ),
    "filtered": ("The filters were changed.", {}),
    "authenticated": ("A new token was taken.", {"token_expires_time": _moment()}),
    "error": ("A message was not understood, and nothing was changed.", {"detail": {"type": "string"}}),
}
QUERY: dict[str, Any] = {
    "stream": _many(),
    "entity": _many(),
    "model": _many(),
    "kind": {"type": "array", "items": {"enum": list(KINDS)}},
    "severity": {"enum": list(SEVERITIES)},
    "after": {"type": "string", "description": "The cursor of the last message."},
    "ticket": {"type": "string", "description": "Of `POST /api/v1/ws/tickets`."},
}


def channel() -> dict[str, Any]:
    names = [_name(kind) for kind in [*SENT, *FORMS]]
    return {
        "address": ADDRESS,
        "title": "The live feed, at the gateway.",
        "description": "Text in JSON. Close codes: docs/guides/live-anomalies.md.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"ws": {"method": "GET", "query": {"type": "object", "properties": QUERY}}},
    }


def operations() -> dict[str, Any]:
    return {
        f"gateway_{verb}_{CHANNEL}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{CHANNEL}"},
            "summary": summary,
            "messages": [{"$ref": f"#/channels/{CHANNEL}/messages/{_name(kind)}"} for kind in kinds],
        }
        for verb, action, summary, kinds in (
            ("sends", "send", "What comes to a client.", list(SENT)),
            ("receives", "receive", "What a client may say.", list(FORMS)),
        )
    }


def messages() -> dict[str, Any]:
    sent = {_name(kind): _message(kind, text, _payload(kind, more)) for kind, (text, more) in SENT.items()}
    received = {
        _name(kind): _message(kind, _summary(form), {"$ref": SCHEMAS.format(name=form.__name__)})
        for kind, form in FORMS.items()
    }
    return sent | received


def schemas() -> dict[str, Any]:
    _, found = msgspec.json.schema_components(FORMS.values(), ref_template=SCHEMAS)
    return dict(found)


def _message(kind: str, summary: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"name": kind, "summary": summary, "contentType": "application/json", "payload": payload}


def _payload(kind: str, more: dict[str, Any]) -> dict[str, Any]:
    fields = {"type": {"const": kind}, "cursor": {"type": "string"}, **more}
    return {"type": "object", "properties": fields, "required": list(fields)}


def _name(kind: str) -> str:
    return f"live_{kind}"


def _summary(form: type) -> str:
    return (form.__doc__ or "").strip()
