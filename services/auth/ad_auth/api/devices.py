"""Login on a device without a browser (RFC 8628): what the device asks, and the page where a person decides."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from ad_auth.api.authorize import OLD_PAGE, Refusal, refusal_of
from ad_auth.api.desk import Desk, check_password
from ad_auth.api.grant_problems import NO_STORE, documented
from ad_auth.api.pages import (
    CSRF_FIELD,
    SIGN_IN_FIELDS,
    complaint,
    credentials,
    csrf_token,
    documented_pages,
    from_own_page,
    hidden,
    page,
)
from ad_auth.api.parameters import documented_body, read_parameters, read_query, required
from ad_auth.api.schemas import DeviceAnswer
from ad_auth.domain.devices import INTERVAL_SECONDS, LIFETIME, DeviceRequest, canonical_code, shown_code
from ad_auth.domain.refusals import InvalidClient, Refused
from ad_auth.usecases.ask_device import ask_device
from ad_auth.usecases.decide_device import Approval, deny_device, find_device
from ad_chassis.errors import PlatformError
from ad_chassis.http.context import countable_address, current_address

PAGE = "/api/v1/auth/device"
TITLE = "Sign in on a device"
UNKNOWN = "this code is not known, or it is over; look at the device again"
OVER = "the device does not wait any more; begin again there"


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

    @router.post("/device", responses=documented(), openapi_extra=documented_body("client_id"))
    async def ask_for_device(request: Request, response: Response) -> DeviceAnswer:
        """Codes for a login on another device (RFC 8628)."""
        client_id = required(await read_parameters(request), "client_id")
        client = desk.clients.get(client_id)
        if client is None or not client.may_use_devices:
            able = [each.id for each in desk.clients.values() if each.may_use_devices]
            raise InvalidClient(f"client_id must be one of {', '.join(able)}")
        now = datetime.now(UTC)
        codes = await ask_device(
            desk.devices, client_id=client_id, asked_from=current_address() or "unknown", now=now
        )
        response.headers.update(NO_STORE)
        return _answer(desk, request, *codes)

    @router.get(
        "/device", response_class=HTMLResponse, responses=documented_pages(), openapi_extra=_documented()
    )
    async def show_device(request: Request) -> Response:
        """A page on which a person types the code of a device; one in the address is filled in, and not looked at."""
        return _code_form(request, read_query(request))

    @router.post(
        "/device/decision",
        response_class=HTMLResponse,
        responses=documented_pages(),
        openapi_extra=documented_body("user_code", *SIGN_IN_FIELDS),
    )
    async def decide_device(request: Request) -> Response:
        """What the forms of the page send: a code; then, to approve, user name and password too, or to deny."""
        sent = await read_parameters(request)
        if not from_own_page(request, sent):
            return _code_form(request, sent, Refusal(OLD_PAGE, 403, {}))
        return await _decided(desk, request, sent)

    return router


def _answer(desk: Desk, request: Request, device_code: str, user_code: str) -> DeviceAnswer:
    address = f"{desk.public_url or _origin(request)}{PAGE}"
    code = shown_code(user_code)
    return DeviceAnswer(
        device_code=device_code,
        user_code=code,
        verification_uri=address,
        verification_uri_complete=f"{address}?{urlencode({'user_code': code})}",
        expires_in=int(LIFETIME.total_seconds()),
        interval=INTERVAL_SECONDS,
    )


async def _decided(desk: Desk, request: Request, sent: Mapping[str, str]) -> Response:
    code = sent.get("user_code", "")
    try:
        device = await find_device(desk.devices, user_code=code, address=countable_address())
    except PlatformError as error:
        return _code_form(request, sent, refusal_of(error))
    if device is None:
        return _code_form(request, sent, Refusal(UNKNOWN, 404, {}))
    if "decision" not in sent:
        return _decision_form(desk, request, sent, device)
    if sent["decision"] == "deny":
        done, text = await deny_device(desk.devices, device, datetime.now(UTC)), "The device was refused."
    else:
        try:
            approval = Approval(desk.devices, device)
            done = await check_password(desk, sent, approval, datetime.now(UTC))
        except (Refused, PlatformError) as error:
            return _decision_form(desk, request, sent, device, refusal_of(error))
        text = "The device is signed in. You can close this page."
    if not done:
        return _code_form(request, sent, Refusal(OVER, 409, {}))
    return page(TITLE, f'<p role="status">{text}</p>\n', request)


def _code_form(request: Request, sent: Mapping[str, str], refusal: Refusal | None = None) -> HTMLResponse:
    """Sent with the token of the page: another site can look at no codes, nor use up the tries of its visitors."""
    code = _shown_code(sent)
    body = (
        complaint(refusal.detail if refusal else None)
        + f'<form method="post" action="{PAGE}/decision">\n'
        + hidden({CSRF_FIELD: csrf_token(request) or ""})
        + '<label for="user_code">Code that the device shows</label>\n<input id="user_code" name="user_code" '
        f'value="{escape(code)}" class="code" required autofocus autocomplete="off" autocapitalize="characters" '
        'spellcheck="false">\n<button>Go on</button>\n</form>\n'
    )
    return _with(refusal, page(TITLE, body, request, status=refusal.status if refusal else 200))


def _decision_form(
    desk: Desk,
    request: Request,
    sent: Mapping[str, str],
    device: DeviceRequest,
    refusal: Refusal | None = None,
) -> HTMLResponse:
    code = _shown_code(sent)
    asked_at = device.asked_at.strftime("%H:%M UTC")
    body = (
        complaint(refusal.detail if refusal else None) + f'<p class="code">{escape(code)}</p>\n'
        f"<p>Compare the code: it must be the one that your device shows. {escape(_name(desk, device))} asked at "
        f"{asked_at}, from {escape(device.asked_from)}. Deny if it was not you: whoever asked gets all that you may do."
        "</p>\n"
        f'<form method="post" action="{PAGE}/decision">\n'
        + hidden({"user_code": code, CSRF_FIELD: csrf_token(request) or ""})
        + credentials(sent, code="otp" in sent or (refusal is not None and refusal.wants_code))
        + '<button name="decision" value="approve">Sign in and approve</button>\n'
        '<button name="decision" value="deny" formnovalidate>Deny</button>\n</form>\n'
    )
    return _with(refusal, page(TITLE, body, request, status=refusal.status if refusal else 200))


def _with(refusal: Refusal | None, answer: HTMLResponse) -> HTMLResponse:
    answer.headers.update(refusal.headers if refusal else {})
    return answer


def _name(desk: Desk, device: DeviceRequest) -> str:
    name = desk.clients[device.client_id].name
    return name[:1].upper() + name[1:]


def _shown_code(sent: Mapping[str, str]) -> str:
    code = canonical_code(sent.get("user_code", ""))
    return code and shown_code(code)


def _documented() -> dict[str, object]:
    """Read by hand, because it may be sent once only."""
    return {"parameters": [{"name": "user_code", "in": "query", "schema": {"type": "string"}}]}


def _origin(request: Request) -> str:
    """Where the caller sees the platform; told to nobody but the caller."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return f"{scheme}://{request.headers.get('x-forwarded-host', request.url.netloc)}"
