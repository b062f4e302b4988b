"""Routes of the second factor of a user."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response

from ad_auth.api.grant_problems import NO_STORE
from ad_auth.api.schemas import Code, CurrentPassword, Id, NewTotpAnswer, RecoveryAnswer, TotpAnswer
from ad_auth.ports import Attempts, Passwords, Store
from ad_auth.usecases.enrol_totp import confirm_totp, enrol_totp, own_user
from ad_auth.usecases.remove_totp import remove_totp, reset_totp
from ad_chassis.http.context import countable_address
from ad_chassis.security import Principal, require, require_caller

Caller = Annotated[Principal, require_caller()]
Writer = Annotated[Principal, require("users:write")]


def routes(store: Store, passwords: Passwords, attempts: Attempts) -> APIRouter:
    router = APIRouter(prefix="/api/v1/users", tags=["users"])
    _add_enrolment(router, store, passwords, attempts)
    _add_removal(router, store, attempts)

    @router.get("/me/totp")
    async def get_totp(principal: Caller) -> TotpAnswer:
        """Whether logins of the calling user ask for a code."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            user = await own_user(work, principal)
            factor = await work.second_factor(user)
            left = await work.recovery_codes_left(user)
        since = factor.confirmed_at if factor else None
        return TotpAnswer(enabled=since is not None, confirmed_at=since, recovery_codes_left=left)

    return router


def _add_enrolment(router: APIRouter, store: Store, passwords: Passwords, attempts: Attempts) -> None:
    @router.post("/me/totp", status_code=201)
    async def enrol(body: CurrentPassword, response: Response, principal: Caller) -> NewTotpAnswer:
        """A secret for an app that makes codes (RFC 6238); it counts once a first code has confirmed it."""
        secret, uri = await enrol_totp(
            store,
            passwords,
            attempts,
            by=principal,
            password=body.password.get_secret_value(),
            address=countable_address(),
            now=datetime.now(UTC),
        )
        response.headers.update(NO_STORE)
        return NewTotpAnswer(secret=secret, uri=uri)

    @router.post("/me/totp/confirm")
    async def confirm(body: Code, response: Response, principal: Caller) -> RecoveryAnswer:
        """With a first code. From then on logins ask for one; the recovery codes are shown here and never again."""
        code = body.code.get_secret_value()
        codes = await confirm_totp(store, by=principal, code=code, now=datetime.now(UTC))
        response.headers.update(NO_STORE)
        return RecoveryAnswer(recovery_codes=codes)


def _add_removal(router: APIRouter, store: Store, attempts: Attempts) -> None:
    @router.post("/me/totp/remove", status_code=204)
    async def remove(body: Code, principal: Caller) -> None:
        """Logins ask for no code any more. Needs one, or a recovery code, as `code`."""
        code, now = body.code.get_secret_value(), datetime.now(UTC)
        await remove_totp(store, attempts, by=principal, code=code, address=countable_address(), now=now)

    @router.delete("/{user_id}/totp", status_code=204)
    async def reset(user_id: Id, principal: Writer) -> None:
        """Takes the second factor of a user away who has lost it, and the recovery codes too."""
        await reset_totp(store, by=principal, user_id=user_id, now=datetime.now(UTC))
