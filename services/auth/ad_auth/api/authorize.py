"""The authorization endpoint: people sign in here, clients never see the password (RFC 6749 section 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ad_auth.api.desk import Desk, check_password
from ad_auth.api.pages import (
    CSRF_FIELD,
    SECURITY,
    SIGN_IN_FIELDS,
    complaint,
    credentials,
    csrf_token,
    documented_pages,
    from_own_page,
    hidden,
    page,
)
from ad_auth.api.parameters import documented_body, read_parameters, read_query
from ad_auth.domain.authorization import (
    ASKED,
    Asked,
    NoRedirect,
    RefusedRequest,
    answer_address,
    asked,
    destination,
)
from ad_auth.domain.refusals import MfaRequired, Refused
from ad_auth.usecases.give_code import CodeGiver
from ad_chassis.errors import PlatformError

OLD_PAGE = "the page was open for too long, or cookies are off; try again"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What went wrong with a try to sign in."""

    detail: str
    status: int
    headers: Mapping[str, str]
    wants_code: bool = False
    """The password was right, and the account has a second factor."""


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"], default_response_class=HTMLResponse)

    @router.get("/authorize", responses=documented_pages(303), openapi_extra=_documented())
    async def show_sign_in(request: Request) -> Response:
        """A page on which a person signs in for a client: authorization code with PKCE, S256 alone."""
        return await _checked(desk, request, read_query(request), posted=False)

    @router.post(
        "/authorize",
        response_class=RedirectResponse,
        status_code=303,
        responses=documented_pages(),
        openapi_extra=documented_body("client_id", *ASKED, *SIGN_IN_FIELDS),
    )
    async def sign_in(request: Request) -> Response:
        """What the form of the page sends; redirects to the client with a code."""
        return await _checked(desk, request, await read_parameters(request), posted=True)

    return router


async def _checked(desk: Desk, request: Request, sent: Mapping[str, str], *, posted: bool) -> Response:
    try:
        client, address = destination(sent, desk.clients)
    except NoRedirect as error:
        return page("This address is not complete", complaint(str(error)), request, status=400)
    try:
        wanted = asked(sent, client, address)
    except RefusedRequest as error:
        return _redirect(desk, address, sent.get("state"), error=error.error, error_description=str(error))
    if not posted:
        return _form(desk, request, sent, wanted)
    if not from_own_page(request, sent):
        return _form(desk, request, sent, wanted, Refusal(OLD_PAGE, 403, {}))
    if sent.get("decision") == "cancel":
        told = {"error": "access_denied", "error_description": "the person did not sign in"}
        return _redirect(desk, address, wanted.state, **told)
    return await _signed_in(desk, request, sent, wanted)


async def _signed_in(desk: Desk, request: Request, sent: Mapping[str, str], wanted: Asked) -> Response:
    try:
        code = await check_password(desk, sent, CodeGiver(wanted), datetime.now(UTC))
    except (Refused, PlatformError) as error:
        return _form(desk, request, sent, wanted, refusal_of(error))
    return _redirect(desk, wanted.redirect_uri, wanted.state, code=code)


def refusal_of(error: Refused | PlatformError) -> Refusal:
    if isinstance(error, PlatformError):
        return Refusal(error.detail, error.status, error.headers)
    return Refusal(str(error), 400, {}, isinstance(error, MfaRequired))


def _form(
    desk: Desk, request: Request, sent: Mapping[str, str], wanted: Asked, refusal: Refusal | None = None
) -> HTMLResponse:
    kept = {name: sent[name] for name in ASKED if name in sent}
    body = (
        f"<p>For {escape(wanted.client.name)} of anomaly detection.</p>\n"
        + complaint(refusal.detail if refusal else None)
        + '<form method="post" action="/api/v1/auth/authorize">\n'
        + hidden(kept | {CSRF_FIELD: csrf_token(request) or ""})
        + credentials(sent, code="otp" in sent or (refusal is not None and refusal.wants_code))
        + "<button>Sign in</button>\n"
        + '<button name="decision" value="cancel" formnovalidate>Cancel</button>\n</form>\n'
        + _other_way(desk, kept)
    )
    status = refusal.status if refusal else 200
    answer = page("Sign in", body, request, status=status, leads_to=wanted.redirect_uri)
    answer.headers.update(refusal.headers if refusal else {})
    return answer


def _other_way(desk: Desk, kept: Mapping[str, str]) -> str:
    """A link and no form: what a form leads to is held to the page's form-action at every redirect."""
    if desk.external is None:
        return ""
    address = f"/api/v1/auth/external?{urlencode(kept)}"
    return (
        f'<p><a class="button" href="{escape(address)}">Sign in with {escape(desk.external.name)}</a></p>\n'
    )


def _redirect(desk: Desk, address: str, state: str | None, **parameters: str) -> Response:
    """303, so that no browser sends the password on to the client (RFC 9700 section 4.12)."""
    target = answer_address(address, state, desk.issuer_url, parameters)
    return RedirectResponse(target, 303, headers=SECURITY)


def _documented() -> dict[str, object]:
    """The parameters are read by hand, because each may be sent once only."""
    needed = {"response_type", "client_id", "redirect_uri", "code_challenge", "code_challenge_method"}
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name in needed, "schema": {"type": "string"}}
            for name in ASKED
        ]
    }
