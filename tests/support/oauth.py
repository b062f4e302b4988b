"""A browser without scripts, and a client with PKCE."""

import base64
import hashlib
import html
import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from ad_auth.domain.authorization import Asked
from ad_auth.domain.clients import known_clients
from ad_auth.domain.second_factor import code_at

CALLBACK = "http://127.0.0.1:49152/callback"
FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
SIGN_IN = {"tenant": "default", "username": "ann", "password": "correct horse battery"}
ANN = SIGN_IN | {"grant_type": "password"}


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return {html.unescape(name): html.unescape(value) for name, value in FIELD.findall(page)}


def told(answer: httpx2.Response) -> dict[str, str]:
    """What a redirect says to the client."""
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True))


def code_now(secret: str, away: int = 0) -> str:
    """What the app of a second factor shows, or showed or will show some steps away."""
    return code_at(secret, int(time.time()) // 30 + away).decode()


class Flow:
    """One login: `ask` shows the page, `sign_in` sends it, `exchange` takes the code to the token endpoint."""

    def __init__(self, http: httpx2.AsyncClient, **changes: str) -> None:
        self.http = http
        self.verifier = secrets.token_urlsafe(48)
        self.asked = {
            "response_type": "code",
            "client_id": "cli",
            "redirect_uri": CALLBACK,
            "state": "a state",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes

    async def ask(self) -> httpx2.Response:
        asked = {name: value for name, value in self.asked.items() if value}
        return await self.http.get("/auth/authorize", params=asked)

    async def sign_in(self, **changes: str) -> httpx2.Response:
        page = await self.ask()
        assert page.status_code == 200, page.text
        form = fields_of(page.text) | SIGN_IN | changes
        return await self.http.post("/auth/authorize", data=form)

    async def code(self) -> str:
        return told(await self.sign_in())["code"]

    async def exchange(self, code: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.asked["client_id"],
            "redirect_uri": self.asked["redirect_uri"],
            "code_verifier": self.verifier,
        } | changes
        return await self.http.post(
            "/auth/token", data={name: value for name, value in form.items() if value}
        )

    async def tokens(self) -> dict[str, Any]:
        answer = await self.exchange(await self.code())
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def wanted(verifier: str = "v" * 43, client: str = "cli") -> Asked:
    """A good request of a client."""
    return Asked(known_clients(None)[client], CALLBACK, challenge_of(verifier), None)
