"""What both clients know of the platform, and the steps of a request."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from anomaly_detection.client.address import Address, address_of, address_with
from anomaly_detection.client.calling import attempts
from anomaly_detection.client.effects import Request, Steps
from anomaly_detection.client.problems import ClientClosed, ServerError, unreachable
from anomaly_detection.client.retrying import Retry
from anomaly_detection.client.signature import Signature, TokenSource
from anomaly_detection.errors import ClearTextWarning

TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
LEAVING_SECONDS = 1.0
OF_THE_CALLER = 3
"""Who made the client: each place is warned once."""
NOBODY = ""
"""Instead of a token: for calls to get one."""


@dataclass
class Session:
    """Where, as whom, how patiently; and whether the platform has answered already."""

    address: Address
    signature: Signature
    retry: Retry
    met: bool = False
    closed: bool = False

    def attempts(self, request: Request) -> Steps[httpx2.Response]:
        answer = yield from attempts(request, self.signature, self.retry, met=self.met)
        return answer

    def options(self, request: Request, token: str) -> dict[str, Any]:
        """Of an HTTP request, but its body."""
        return {
            "method": request.method,
            "url": self.address.api + request.path,
            "params": dict(request.params) or None,
            "json": request.json,
            "headers": {**request.headers, **signed(token)},
        }

    def socket_options(self, token: str) -> dict[str, Any]:
        """Of a WebSocket."""
        return {
            "additional_headers": signed(token),
            "proxy": None if self.address.on_this_machine else True,
            "close_timeout": LEAVING_SECONDS,
        }

    @property
    def http_options(self) -> dict[str, Any]:
        """Of the connections to the platform."""
        return {"timeout": TIMEOUT, "trust_env": not self.address.on_this_machine}

    def failure(self, error: Exception) -> ServerError:
        """Why there is no answer."""
        if isinstance(error, httpx2.InvalidURL):
            return ServerError(f"{self.address.url} is not an address that can be called: {error}")
        return unreachable(self.address.url, error)

    def check_open(self) -> None:
        if self.closed:
            raise ClientClosed(f"the client of {self.address.url} is closed; make another one")


def session_of(
    url: str | None, api_key: str | None, token: str | TokenSource | None, retry: Retry | None
) -> Session:
    """What is not given is found as the command line finds it."""
    fixed = token if isinstance(token, str) else ""
    address = address_of(url, api_key) if token is None else address_with(url, fixed)
    if address.clear_text:
        said = (
            f"{address.url} is not encrypted: keys and tokens can be read on the way; give an https address"
        )
        warnings.warn(said, ClearTextWarning, stacklevel=OF_THE_CALLER)
    source = None if token is None or isinstance(token, str) else token
    return Session(address, Signature(address, source), retry or Retry())


def signed(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
