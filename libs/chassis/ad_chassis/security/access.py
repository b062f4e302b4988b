"""The dependency that guards a route: `principal: Annotated[Principal, require("streams:write")]`."""

import re
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from ad_chassis.errors import BadRequest, Forbidden, Unauthenticated
from ad_chassis.logs import security_event
from ad_chassis.security.noted import NOTED, Noted
from ad_chassis.security.permissions import Permission, Scope, expanded, scopes_of
from ad_chassis.security.principal import Principal
from ad_chassis.security.verifier import TokenVerifier

TENANT_HEADER = "X-Tenant"
TENANT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
bearer = HTTPBearer(
    auto_error=False, description="An API key (`ad_…`), or an access token of `POST /api/v1/auth/token`."
)


def require(permission: Permission) -> Any:
    """Depends on a principal that has this permission; answers 401 or 403 and logs each refusal.

    The OpenAPI document names the permission in the security requirement of the route.
    """

    async def principal(
        request: Request, _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Principal:
        return await authorise(request, permission)

    return Security(principal, scopes=[permission])


def require_caller() -> Any:
    """Depends on a principal, whatever it may do."""

    async def principal(
        request: Request, _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Principal:
        return await authenticate(request)

    return Depends(principal)


async def authorise(
    connection: HTTPConnection, permission: Permission | Scope, token: str | None = None
) -> Principal:
    """The same check for a WebSocket or a token that came another way than by header."""
    principal = await authenticate(connection, token)
    connection.scope[NOTED] = Noted(principal, permission)
    if not expanded([permission]) <= principal.permissions:
        security_event(
            "forbidden",
            subject=principal.subject,
            tenant=principal.tenant,
            needed=permission,
            path=connection.url.path,
        )
        raise Forbidden(f"this needs the permission {permission!r}; you have {_listed(principal)}")
    return principal


async def authenticate(connection: HTTPConnection, token: str | None = None) -> Principal:
    """Who calls. A service acts for the tenant that it names; everyone else for their own."""
    verifier: TokenVerifier = connection.app.state.verifier
    try:
        principal = await verifier.verify(token or bearer_token(connection.headers.get("Authorization")))
    except Unauthenticated as error:
        security_event(
            "token refused", reason=error.detail, path=connection.url.path, client=_client(connection)
        )
        raise
    return acting_for(principal, connection.headers.get(TENANT_HEADER))


def bearer_token(header: str | None) -> str:
    """The token of an Authorization header."""
    if not header:
        raise Unauthenticated("no access token was sent; send the header 'Authorization: Bearer <token>'")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("the Authorization header must read 'Bearer <token>'")
    return token.strip()


def acting_for(principal: Principal, tenant: str | None) -> Principal:
    """The principal in the tenant of the request."""
    if tenant is None or tenant == principal.tenant:
        return principal
    if principal.kind != "service":
        security_event("forbidden", subject=principal.subject, tenant=principal.tenant, wanted_tenant=tenant)
        raise Forbidden(f"only services act for other tenants; leave out the header {TENANT_HEADER}")
    if not TENANT_NAME.fullmatch(tenant):
        raise BadRequest(f"the header {TENANT_HEADER} must hold a tenant such as 'default'")
    return replace(principal, tenant=tenant)


def _listed(principal: Principal) -> str:
    return ", ".join(scopes_of(principal.permissions)) or "none"


def _client(connection: HTTPConnection) -> str | None:
    return connection.client.host if connection.client else None
