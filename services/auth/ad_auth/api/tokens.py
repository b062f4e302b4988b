"""Routes of tokens: getting, refreshing and revoking them, and the keys that verify them."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from ad_auth.api.desk import Desk, check_password
from ad_auth.api.grant_problems import NO_STORE, documented
from ad_auth.api.parameters import documented_body, read_parameters, required
from ad_auth.api.schemas import TokenAnswer
from ad_auth.domain.clients import Client
from ad_auth.domain.refusals import InvalidClient, UnsupportedGrant
from ad_auth.usecases.exchange_key import exchange_key
from ad_auth.usecases.issue_token import Grant
from ad_auth.usecases.poll_device import poll_device
from ad_auth.usecases.redeem_code import redeem_code
from ad_auth.usecases.refresh_session import refresh_session
from ad_auth.usecases.revoke_token import revoke_token
from ad_chassis.http.context import current_address

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
GRANTS = ("password", "client_credentials", "refresh_token", "authorization_code", DEVICE_GRANT)
JWKS_CACHE = {"Cache-Control": "public, max-age=5"}


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"])
    _add_grants(router, desk)
    _add_revocation(router, desk)

    @router.get("/jwks.json")
    async def get_jwks(response: Response) -> dict[str, Any]:
        """The public keys with which anybody can verify access tokens (RFC 7517)."""
        response.headers.update(JWKS_CACHE)
        return await desk.key_set(datetime.now(UTC))

    return router


def _add_grants(router: APIRouter, desk: Desk) -> None:
    tokens = documented_body(
        "grant_type",
        "username",
        "password",
        "otp",
        "tenant",
        "client_id",
        "client_secret",
        "refresh_token",
        "code",
        "redirect_uri",
        "code_verifier",
        "device_code",
        choices=GRANTS,
    )

    @router.post("/token", responses=documented(), openapi_extra=tokens, response_model_exclude_none=True)
    async def create_token(request: Request, response: Response) -> TokenAnswer:
        """Tokens for a password, an API key (client_credentials) or a refresh token (RFC 6749)."""
        grant = await _grant(desk, await read_parameters(request))
        return _answer(grant, response)

    @router.post(
        "/refresh",
        responses=documented(),
        openapi_extra=documented_body("refresh_token", "client_id"),
        response_model_exclude_none=True,
    )
    async def refresh_token(request: Request, response: Response) -> TokenAnswer:
        """New tokens for a refresh token, which is worthless after that; used twice, it ends the session."""
        parameters = await read_parameters(request)
        return _answer(await _grant(desk, parameters | {"grant_type": "refresh_token"}), response)


def _add_revocation(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/revoke",
        status_code=204,
        responses=documented(),
        openapi_extra=documented_body("token", "token_type_hint", "client_id"),
    )
    async def revoke(request: Request) -> None:
        """Makes an access token worthless, or a refresh token and its whole session (RFC 7009)."""
        sent = await read_parameters(request)
        await revoke_token(
            desk.store,
            desk.revocations,
            desk.verify,
            token=required(sent, "token"),
            client_id=sent.get("client_id"),
            now=datetime.now(UTC),
        )


async def _grant(desk: Desk, sent: Mapping[str, str]) -> Grant:
    kind, now = required(sent, "grant_type"), datetime.now(UTC)
    if kind == "password":
        return await check_password(desk, sent, desk.issuer, now)
    if kind == "client_credentials":
        key_id, secret = required(sent, "client_id"), required(sent, "client_secret")
        service_key = desk.service_key()
        return await exchange_key(
            desk.store,
            desk.issuer,
            service_key,
            key_id=key_id,
            secret=secret,
            address=current_address(),
            now=now,
        )
    if kind == "refresh_token":
        token = required(sent, "refresh_token")
        return await refresh_session(
            desk.store,
            desk.issuer,
            desk.revocations,
            refresh_token=token,
            client_id=sent.get("client_id"),
            now=now,
        )
    if kind == "authorization_code":
        return await _code(desk, sent, now)
    if kind == DEVICE_GRANT:
        client_id, device_code = _client(desk, sent).id, required(sent, "device_code")
        return await poll_device(
            desk.store, desk.devices, desk.issuer, device_code=device_code, client_id=client_id, now=now
        )
    raise UnsupportedGrant(f"grant_type must be one of {', '.join(GRANTS)}")


async def _code(desk: Desk, sent: Mapping[str, str], now: datetime) -> Grant:
    return await redeem_code(
        desk.store,
        desk.issuer,
        desk.revocations,
        code=required(sent, "code"),
        client_id=_client(desk, sent).id,
        redirect_uri=required(sent, "redirect_uri"),
        verifier=required(sent, "code_verifier"),
        now=now,
    )


def _client(desk: Desk, sent: Mapping[str, str]) -> Client:
    client = desk.clients.get(required(sent, "client_id"))
    if client is None:
        raise InvalidClient(f"client_id must be one of {', '.join(desk.clients)}")
    return client


def _answer(grant: Grant, response: Response) -> TokenAnswer:
    response.headers.update(NO_STORE)
    return TokenAnswer(**asdict(grant))
