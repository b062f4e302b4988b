"""What a client asks of the authorization endpoint, and the code that it gets (RFC 6749 section 4.1, RFC 7636)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from ad_auth.domain.clients import Client

CODE_PREFIX = "ad_code_"
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
MAX_STATE = 1024
ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "code_challenge",
    "code_challenge_method",
    "response_mode",
    "scope",
)


class NoRedirect(ValueError):
    """A request whose answer may be sent nowhere: the person at the browser is told, and nobody else."""


class RefusedRequest(ValueError):
    """One whose client is told, in the words of RFC 6749 section 4.1.2.1."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is good: where the answer goes, and what the code is bound to."""

    client: Client
    redirect_uri: str
    challenge: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Code:
    """Good for one exchange. It stays known after that, so that a second one is noticed."""

    tenant: str
    code_hash: str = field(repr=False)
    user_id: str
    client_id: str
    redirect_uri: str
    challenge: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    session_id: str | None = None


def destination(sent: Mapping[str, str], clients: Mapping[str, Client]) -> tuple[Client, str]:
    """Who asks, and where the answer may go; to be known before anything is sent there."""
    client = clients.get(sent.get("client_id", ""))
    if client is None:
        raise NoRedirect(f"client_id must be one of {', '.join(clients)}")
    address = sent.get("redirect_uri", "")
    if not client.redirects_to(address):
        raise NoRedirect(
            f"redirect_uri is not an address of {client.name}, and nothing is sent there{client.hint}"
        )
    if len(sent.get("state", "")) > MAX_STATE:
        raise NoRedirect(f"state has at most {MAX_STATE} characters")
    return client, address


def asked(sent: Mapping[str, str], client: Client, redirect_uri: str) -> Asked:
    """Raises `RefusedRequest`, which is sent to the client."""
    if "response_type" not in sent:
        raise RefusedRequest("invalid_request", "response_type is missing")
    if sent["response_type"] != "code":
        raise RefusedRequest("unsupported_response_type", "response_type must be code")
    if sent.get("response_mode", "query") != "query":
        raise RefusedRequest("invalid_request", "response_mode must be query")
    if sent.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(sent.get("code_challenge", "")):
        raise RefusedRequest(
            "invalid_request", "send a code_challenge of 43 characters, with code_challenge_method=S256"
        )
    return Asked(client, redirect_uri, sent["code_challenge"], sent.get("state"))


def fits(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one that the challenge was made of (RFC 7636 section 4.6)."""
    if not VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(challenge_of(verifier), challenge)


def challenge_of(verifier: str) -> str:
    """By S256 (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def answer_address(
    redirect_uri: str, state: str | None, issuer: str | None, parameters: Mapping[str, str]
) -> str:
    """Where the browser goes next; `iss` says who answers (RFC 9207)."""
    told = dict(parameters)
    if state is not None:
        told["state"] = state
    if issuer is not None:
        told["iss"] = issuer
    return f"{redirect_uri}?{urlencode(told)}"
