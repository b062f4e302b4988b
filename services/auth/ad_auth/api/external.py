"""Login through the external provider: the way there, and the way back."""

from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ad_auth.api.desk import Desk, External
from ad_auth.api.pages import SECURITY, complaint, documented_pages, is_https, page
from ad_auth.api.parameters import read_query
from ad_auth.domain.authorization import (
    ASKED,
    NoRedirect,
    RefusedRequest,
    answer_address,
    asked,
    challenge_of,
    destination,
)
from ad_auth.domain.credentials import digest, matches, new_secret
from ad_auth.domain.external import IdentityRefused, PendingLogin
from ad_auth.usecases.admit_external import admit_external
from ad_auth.usecases.give_code import CodeGiver
from ad_chassis.errors import NotFound, PlatformError

TITLE = "Sign in"
LOST = "this login is over, or was begun in another browser; begin again"
NONE = "no external provider is set; AUTH_OIDC_ISSUER names one"
KEPT_SECONDS = 600


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"], default_response_class=HTMLResponse)

    @router.get("/external", response_class=RedirectResponse, status_code=303, responses=documented_pages())
    async def begin_external(request: Request) -> Response:
        """Redirects to the external OpenID provider, when one is set."""
        return await _told(request, _begun(desk, request, read_query(request)))

    @router.get(
        "/external/callback", response_class=RedirectResponse, status_code=303, responses=documented_pages()
    )
    async def end_external(request: Request) -> Response:
        """Where the external provider sends the browser back; redirects to the client with a code."""
        return await _told(request, _ended(desk, request, read_query(request)))

    return router


async def _told(request: Request, answer: Awaitable[Response]) -> Response:
    """What goes wrong is told to the person: nothing is sent to a client that nobody signed in for."""
    try:
        return await answer
    except (NoRedirect, RefusedRequest) as error:
        return page(TITLE, complaint(str(error)), request, status=400)
    except IdentityRefused as error:
        return page(TITLE, complaint(str(error)), request, status=403)
    except PlatformError as error:
        return page(TITLE, complaint(error.detail), request, status=error.status)


async def _begun(desk: Desk, request: Request, sent: Mapping[str, str]) -> Response:
    external = _external(desk)
    asked(sent, *destination(sent, desk.clients))
    state, browser, nonce, verifier = (new_secret() for _ in range(4))
    kept = {name: sent[name] for name in ASKED if name in sent}
    await external.pending.keep(state, PendingLogin(kept, nonce, verifier, digest(browser)))
    where = await external.provider.address(state=state, nonce=nonce, challenge=challenge_of(verifier))
    answer = RedirectResponse(where, 303, headers=SECURITY)
    # Lax, because it must come back from the provider's site; without it a code of somebody else could be sent in.
    answer.set_cookie(
        _cookie_name(request),
        browser,
        max_age=KEPT_SECONDS,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )
    return answer


async def _ended(desk: Desk, request: Request, sent: Mapping[str, str]) -> Response:
    external = _external(desk)
    pending = await external.pending.take(sent.get("state", ""))
    if pending is None or not matches(request.cookies.get(_cookie_name(request), ""), pending.browser_hash):
        raise IdentityRefused(LOST)
    wanted = asked(pending.asked, *destination(pending.asked, desk.clients))
    if "code" not in sent:
        raise IdentityRefused("the provider did not sign you in")
    claims = await external.provider.claims(
        code=sent["code"], answered_by=sent.get("iss"), verifier=pending.verifier, nonce=pending.nonce
    )
    code = await admit_external(
        desk.store,
        desk.passwords,
        desk.revocations,
        CodeGiver(wanted),
        tenant=external.tenant,
        roles=external.roles,
        claims=claims,
        now=datetime.now(UTC),
    )
    target = answer_address(wanted.redirect_uri, wanted.state, desk.issuer_url, {"code": code})
    answer = RedirectResponse(target, 303, headers=SECURITY)
    answer.delete_cookie(_cookie_name(request), path="/", secure=is_https(request), httponly=True)
    return answer


def _external(desk: Desk) -> External:
    if desk.external is None:
        raise NotFound(NONE)
    return desk.external


def _cookie_name(request: Request) -> str:
    return "__Host-ad_external" if is_https(request) else "ad_external"
