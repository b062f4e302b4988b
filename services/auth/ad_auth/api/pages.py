"""Pages for people: plain HTML without scripts, in which everything that came from outside is escaped."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse

from ad_chassis.http.problems import MEDIA_TYPE

STYLE = """
:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(24rem, 90vw); }
label { display: block; margin: 1rem 0 .25rem; }
input { width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; }
button, .button { font: inherit; padding: .5rem 1rem; margin: 1.25rem .5rem 0 0; }
.error { border-left: .25rem solid #c0392b; padding-left: .75rem; }
.code { font-size: 1.75rem; letter-spacing: .1em; font-family: ui-monospace, monospace; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CSRF_FIELD = "csrf_token"
SIGN_IN_FIELDS = ("tenant", "username", "password", "otp", "decision", CSRF_FIELD)
CSRF_BYTES = 32


def page(title: str, body: str, request: Request, *, status: int = 200, leads_to: str = "") -> HTMLResponse:
    """`leads_to` is where the answer to the form redirects: browsers hold the redirect to form-action too."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{_origin(leads_to)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
    answer = HTMLResponse(text, status, headers=SECURITY | {"Content-Security-Policy": policy})
    if csrf_token(request, fresh=False) is None:
        _remember(answer, request)
    return answer


SECURITY = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def documented_pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a page answers that shows no success: a person is told on a page, everybody else by a problem."""
    content = {
        "text/html": {"schema": {"type": "string"}},
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    said = {"description": "The page says what was wrong", "content": content}
    led = {"description": "To the client, with a code or with what was wrong", "content": {}}
    documented: dict[int | str, dict[str, Any]] = dict.fromkeys(statuses, led)
    return documented | {400: said, "default": said}


def csrf_token(request: Request, *, fresh: bool = True) -> str | None:
    """That of the browser's cookie; else a new one for this answer, unless not `fresh`."""
    known = request.cookies.get(_cookie_name(request), "")
    if len(known) >= CSRF_BYTES and known.isascii() and known.replace("-", "").replace("_", "").isalnum():
        return known
    if not fresh:
        return None
    made: str = getattr(request.state, "csrf_token", "") or secrets.token_urlsafe(CSRF_BYTES)
    request.state.csrf_token = made
    return made


def from_own_page(request: Request, sent: Mapping[str, str]) -> bool:
    """Whether the form was shown to this browser: another site can neither read the token nor send the cookie."""
    known = csrf_token(request, fresh=False)
    return known is not None and secrets.compare_digest(sent.get(CSRF_FIELD, "").encode(), known.encode())


def hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in fields.items()
    )


def complaint(text: str | None) -> str:
    return f'<p class="error" role="alert">{escape(text)}</p>\n' if text else ""


_CODE = (
    '<label for="otp">Code of your app, or a recovery code</label>\n<input id="otp" name="otp" required '
    'autocomplete="one-time-code" autocapitalize="none" spellcheck="false">\n'
)


def credentials(sent: Mapping[str, str], *, code: bool = False) -> str:
    """The fields of a person; neither password nor code is sent back."""
    tenant, username = escape(sent.get("tenant", "default")), escape(sent.get("username", ""))
    # Who comes back after a wrong password types the password.
    at_name, at_password = ("", "autofocus ") if username else ("autofocus ", "")
    return (
        f'<label for="tenant">Tenant</label>\n<input id="tenant" name="tenant" value="{tenant}" required '
        'autocapitalize="none" spellcheck="false">\n'
        f'<label for="username">User name</label>\n<input id="username" name="username" value="{username}" '
        f'required {at_name}autocomplete="username" autocapitalize="none" spellcheck="false">\n'
        '<label for="password">Password</label>\n<input id="password" name="password" type="password" '
        f'required {at_password}autocomplete="current-password">\n'
    ) + (_CODE if code else "")


def is_https(request: Request) -> bool:
    return request.headers.get("x-forwarded-proto", request.url.scheme) == "https"


def _remember(answer: HTMLResponse, request: Request) -> None:
    answer.set_cookie(
        _cookie_name(request),
        csrf_token(request) or "",
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="strict",
    )


def _cookie_name(request: Request) -> str:
    """Over https a name that no other host of the domain can set."""
    return "__Host-ad_csrf" if is_https(request) else "ad_csrf"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
