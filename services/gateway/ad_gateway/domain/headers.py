"""Which headers go on to a service, which come back, and what every answer says to browsers."""

from collections.abc import Iterable, Mapping

Pairs = list[tuple[bytes, bytes]]
# RFC 9110, 7.6.1: these speak of one connection, not of the message.
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
# The client sets its own length and host; who calls is told by the gateway, whatever came from outside.
OURS = {
    "host",
    "content-length",
    "expect",
    "authorization",
    "traceparent",
    "x-tenant",
    "x-real-ip",
    "x-request-id",
    "forwarded",
}
LEFT_OUT = HOP_BY_HOP | OURS
FORWARDED = "x-forwarded-"
NOT_ANSWERED = {name.encode() for name in HOP_BY_HOP} | {b"server", b"date", b"x-request-id"}
OF_EVERY_ANSWER: Pairs = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
"""Where the answer says nothing else itself, as the dashboard does."""
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def read(headers: Pairs) -> dict[str, str]:
    """By name. Of several with one name the first, here and at the service, so that both see the same.

    Of those of Connection all, since each may name headers that are not to be passed on.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "connection" and name in found:
            found[name] += f",{value}"
        else:
            found.setdefault(name, value)
    return found


def passed_on(headers: Mapping[str, str], client: str, scheme: str) -> dict[str, str]:
    """What a service is told: neither headers of the connection, nor those that the caller names in Connection."""
    left_out = LEFT_OUT
    if "connection" in headers:
        left_out = LEFT_OUT | {word.strip().lower() for word in headers["connection"].split(",")}
    kept = {
        name: value
        for name, value in headers.items()
        if name not in left_out and not name.startswith(FORWARDED)
    }
    told = {
        "x-forwarded-for": client,
        "x-forwarded-proto": scheme,
        "x-forwarded-host": headers.get("host", ""),
    }
    return kept | {name: value for name, value in told.items() if value}


def answered(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    return [(low, value) for name, value in headers if (low := name.lower()) not in NOT_ANSWERED]


def secured(headers: Pairs, scheme: str) -> Pairs:
    """The headers of an answer with those that browsers heed, where it has none of its own."""
    present = [name for name, _ in headers]
    added = [pair for pair in OF_EVERY_ANSWER if pair[0] not in present]
    return [*headers, *added, STRICT_TRANSPORT] if scheme == "https" else [*headers, *added]


def accepts_gzip(value: str) -> bool:
    """Whether Accept-Encoding names gzip, and not with a weight of nothing."""
    for item in value.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def is_basic(authorization: str) -> bool:
    """A client that shows its secret to auth (RFC 6749 section 2.3.1); everybody else sends a bearer."""
    return authorization.partition(" ")[0].lower() == "basic"
