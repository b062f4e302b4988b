"""The programs in which people sign in. All are public clients: none can keep a secret, so PKCE stands in for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

# RFC 8252 section 7.3: the port is the system's choice, and the name localhost could lead elsewhere.
LOOPBACK_CALLBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\]):([0-9]{1,5})/callback")
LOOPBACK_PAGE = re.compile(r"http://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]{1,5})?/")
MAX_REDIRECT = 512
ELSEWHERE = "; unless it is used on this machine alone, ANOMALY_DETECTION_PUBLIC_URL must say where it is"
MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Client:
    """`allowed` is matched whole, or `exactly` is the one address."""

    id: str
    name: str
    allowed: re.Pattern[str] | None = None
    exactly: str | None = None
    may_use_devices: bool = False
    hint: str = ""
    """What an operator should do when an address is refused."""

    def redirects_to(self, address: str) -> bool:
        """Whether a code may be sent there."""
        if len(address) > MAX_REDIRECT:
            return False
        if self.exactly is not None:
            return address == self.exactly
        if self.allowed is None or not self.allowed.fullmatch(address):
            return False
        port = urlsplit(address.replace("[::1]", "localhost")).netloc.rpartition(":")[2]
        return not port.isdecimal() or 0 < int(port) <= MAX_PORT


def known_clients(public_url: str | None) -> Mapping[str, Client]:
    """Without a public address the dashboard is where only this machine reaches it."""
    page = (
        Client("dashboard", "the dashboard", exactly=f"{public_url}/")
        if public_url
        else Client("dashboard", "the dashboard", allowed=LOOPBACK_PAGE, hint=ELSEWHERE)
    )
    line = Client("cli", "the command line", allowed=LOOPBACK_CALLBACK, may_use_devices=True)
    return {client.id: client for client in (page, line)}


def address_of(issuer: str) -> str | None:
    """An issuer that is an address, as RFC 8414 wants it; a mere name is None."""
    parts = urlsplit(issuer)
    return issuer if parts.scheme in ("http", "https") and parts.netloc else None
