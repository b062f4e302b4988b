"""What a client needs to know of the authorization server (RFC 8414)."""

from typing import Any

from fastapi import APIRouter, Response

from ad_auth.api.desk import Desk
from ad_auth.api.tokens import GRANTS
from ad_chassis.errors import NotFound
from ad_chassis.platform import JWKS_PATH, LOGIN_PATH

WELL_KNOWN = "/.well-known/oauth-authorization-server"
AUTH = "/api/v1/auth"
CACHE = {"Cache-Control": "public, max-age=300"}
UNKNOWN = (
    "the public address of the platform is not known, and the issuer of its tokens is no address; "
    "set ANOMALY_DETECTION_PUBLIC_URL, such as https://anomalies.example.org, for every service"
)


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(tags=["auth"])

    @router.get(WELL_KNOWN)
    async def get_metadata(response: Response) -> dict[str, Any]:
        """The endpoints and abilities of the authorization server (RFC 8414)."""
        if desk.issuer_url is None:
            raise NotFound(UNKNOWN)
        response.headers.update(CACHE)
        return metadata(desk.issuer_url)

    return router


def metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}{AUTH}/authorize",
        "token_endpoint": f"{issuer}{LOGIN_PATH}",
        "device_authorization_endpoint": f"{issuer}{AUTH}/device",
        "revocation_endpoint": f"{issuer}{AUTH}/revoke",
        "introspection_endpoint": f"{issuer}{AUTH}/introspect",
        "jwks_uri": f"{issuer}{JWKS_PATH}",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": True,
    }
