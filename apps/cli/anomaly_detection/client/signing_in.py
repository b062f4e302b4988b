"""The two ways to sign in: in a browser of this machine, or with a code on any other device."""

import base64
import hashlib
import os
import secrets
import sys
import time
import webbrowser
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from anomaly_detection.client.address import is_loopback
from anomaly_detection.client.login import CLIENT, GRANTS_PATH, Tokens, get, post, tokens_of
from anomaly_detection.client.problems import NotFound, ServerError, printable

AUTHORIZE_PATH = "/api/v1/auth/authorize"
DEVICE_PATH = "/api/v1/auth/device"
METADATA_PATH = "/.well-known/oauth-authorization-server"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
PATIENCE_SECONDS = 300.0
SLOWER_SECONDS = 5.0
DONE = b"<!doctype html><title>Signed in</title><p>You can close this page and go back to the terminal.</p>"
Say = Callable[[str], None]


class _Callback(ThreadingHTTPServer):
    """Listens on loopback, on a port of the system's choice, for one redirect (RFC 8252 section 7.3).

    A thread for each connection: browsers open some that they leave idle.
    """

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.state = state
        self.told: dict[str, str] | None = None
        self.timeout = 0.1

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/callback"

    def wait(self, seconds: float) -> dict[str, str]:
        until = time.monotonic() + seconds
        while self.told is None:
            if time.monotonic() >= until:
                raise ServerError(
                    f"nobody signed in within {seconds / 60:g} minutes; try again, or use --device"
                )
            self.handle_request()
        return self.told


class _Answer(BaseHTTPRequestHandler):
    server: _Callback

    def do_GET(self) -> None:
        """Takes what answers the own question only: anybody on this machine can call here."""
        parts = urlsplit(self.path)
        told = dict(parse_qsl(parts.query))
        good = parts.path == "/callback" and secrets.compare_digest(
            told.get("state", "").encode(), self.server.state.encode()
        )
        self.send_response(200 if good else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(DONE if good else b"")
        if good:
            # At last: the program may end with it, and this thread too.
            self.server.told = told

    def log_message(self, *_: Any) -> None:
        """The address holds the code, so it is not printed."""


def has_browser() -> bool:
    """Whether a browser can be shown: over SSH it would open elsewhere, without a display in the terminal."""
    if os.environ.get("SSH_CONNECTION"):
        return False
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def in_browser(
    url: str,
    say: Say,
    *,
    trust_env: bool,
    seconds: float = PATIENCE_SECONDS,
) -> Tokens:
    """Authorization code with PKCE; the password goes to the server's page and never through this program."""
    issuer = _issuer(url, trust_env)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    with _Callback(state) as callback:
        asked = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": callback.address,
            "state": state,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = f"{url}{AUTHORIZE_PATH}?{urlencode(asked)}"
        shown = webbrowser.open(address)
        say(f"{'sign in in the browser; if none opened, go to' if shown else 'go to'} {address}")
        told = callback.wait(seconds)
        if told.get("iss") != issuer:
            came = printable(told.get("iss", "a server that does not say who it is"))
            raise ServerError(
                f"the answer to the login is of {came}, not of {issuer or url}; it was not used"
            )
        if "code" not in told:
            why = told.get("error_description") or told.get("error", "no code came back")
            raise ServerError(f"the login was not completed: {printable(why)}")
        form = {
            "grant_type": "authorization_code",
            "client_id": CLIENT,
            "code": told["code"],
            "redirect_uri": callback.address,
            "code_verifier": verifier,
        }
    return tokens_of(post(url, GRANTS_PATH, form, trust_env=trust_env))


def on_device(url: str, say: Say, *, trust_env: bool, wait: Callable[[float], None] = time.sleep) -> Tokens:
    """Device authorization (RFC 8628): the person opens a page anywhere and compares a code."""
    asked = post(url, DEVICE_PATH, {"client_id": CLIENT}, trust_env=trust_env)
    try:
        code, interval = str(asked["device_code"]), float(asked["interval"])
        page, user_code = str(asked["verification_uri"]), str(asked["user_code"])
        complete = str(asked.get("verification_uri_complete", page))
    except (KeyError, ValueError) as error:
        raise ServerError(f"{url} did not answer as this platform does; is that its address?") from error
    say(printable(f"open {page} on any device and type the code {user_code}"))
    say(printable(f"or open {complete} and compare the code"))
    form = {"grant_type": DEVICE_GRANT, "client_id": CLIENT, "device_code": code}
    while True:
        wait(interval)
        try:
            return tokens_of(post(url, GRANTS_PATH, form, trust_env=trust_env))
        except ServerError as error:
            if error.error == "slow_down":
                interval += SLOWER_SECONDS
            elif error.error != "authorization_pending":
                raise


def _issuer(url: str, trust_env: bool) -> str | None:
    """Whom the answer must name (RFC 9207); None where the platform does not know its own address, and names nobody.

    Metadata of another server than the one that is asked are not taken (RFC 8414 section 3.3), or one could pass the
    sign-in page of another off as its own. This machine is trusted: it may be the way to a server elsewhere.
    """
    try:
        issuer = str(get(url, METADATA_PATH, trust_env=trust_env).get("issuer"))
    except NotFound:
        return None
    if issuer != url and not is_loopback(url):
        raise ServerError(
            printable(
                f"{url} signs people in as {issuer}: anomaly_detection login --server {issuer}, or use --device"
            )
        )
    return issuer


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
