"""A small OpenID provider on loopback, whose answers a test can spoil."""

import base64
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.in_thread import served_in_thread
from tests.support.oauth import challenge_of

CLIENT_ID, CLIENT_SECRET = "platform", "a secret of the platform: %&+"
ASKED = ("client_id", "redirect_uri", "nonce", "code_challenge")


class Provider:
    """`claims` are of whoever signs in; `spoil` replaces members of the id token, None leaves one out.

    `instead` holds what a path answers instead of its document: a status and a body.
    """

    def __init__(self) -> None:
        self.url = ""
        self.key: RSAKey | ECKey = RSAKey.generate_key(2048, {"use": "sig", "kid": "one"})
        self.signs_with: Any = None
        self.header: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.spoil: dict[str, Any] = {}
        self.tells: dict[str, str] = {}
        self.metadata: dict[str, Any] = {}
        self.instead: dict[str, tuple[int, Any]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.shows_page = False
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._metadata),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def _document(self, request: Request, document: dict[str, Any]) -> Response:
        status, body = self.instead.get(request.url.path, (200, document))
        return JSONResponse(body, status)

    async def _metadata(self, request: Request) -> Response:
        endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        found = {name: self.url + path for name, path in endpoints.items()}
        return self._document(request, {"issuer": self.url, **found} | self.metadata)

    async def _authorize(self, request: Request) -> Response:
        """Signs in at once, or shows a page with a link."""
        asked = request.query_params
        if self.shows_page and "agreed" not in asked:
            return HTMLResponse(f'<a href="{escape(str(request.url))}&amp;agreed=yes">Go on</a>')
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_hex(8)
        self.codes[code] = {name: asked[name] for name in ASKED}
        told = {"code": code, "state": asked["state"], **self.tells}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", 303)

    async def _token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        asked = self.codes.pop(sent["code"], None)
        if (
            asked is None
            or basic != f"{CLIENT_ID}:{CLIENT_SECRET}"
            or sent["redirect_uri"] != asked["redirect_uri"]
            or challenge_of(sent["code_verifier"]) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 60}
        told = {"iss": self.url, "aud": CLIENT_ID, "sub": "1", "nonce": asked["nonce"], **times}
        claims = {
            name: value for name, value in (told | self.claims | self.spoil).items() if value is not None
        }
        header = {"alg": "RS256" if isinstance(self.key, RSAKey) else "ES256", "kid": self.key.kid}
        header |= self.header
        key = self.signs_with or self.key
        return jwt.encode(header, claims, key, algorithms=[header["alg"]])

    async def _keys(self, request: Request) -> Response:
        confusing = OctKey.import_key(b"k" * 32, {"kid": "symmetric"}).as_dict(private=True)
        return self._document(request, {"keys": [self.key.as_dict(private=False), confusing]})


@contextmanager
def running_provider() -> Iterator[Provider]:
    """In a thread, on a free port."""
    provider = Provider()
    with served_in_thread(provider.app) as provider.url:
        yield provider
