"""An external OpenID provider: discovery, the way there, and the id token that comes back (OpenID Connect Core 1.0)."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ad_auth.adapters.provider_documents import AWAY, ProviderDocuments
from ad_auth.domain.external import IdentityRefused
from ad_chassis.errors import Unavailable
from ad_chassis.logs import get_logger

# Asymmetric ones alone: with HS256 the client's secret would sign, and "none" signs nothing.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
LEEWAY_SECONDS = 60
WELL_KNOWN = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
log = get_logger("auth")


class OidcProvider:
    """A component. The keys are asked for again when one is not known."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        scopes: str,
        redirect_uri: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scopes = scopes
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._http = httpx2.AsyncClient(timeout=10.0, follow_redirects=False)
        self._documents = ProviderDocuments(self._http, clock)

    async def start(self) -> None:
        """Nothing is asked before somebody signs in: the provider may be away meanwhile."""

    async def stop(self) -> None:
        await self._http.aclose()

    async def address(self, *, state: str, nonce: str, challenge: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str((await self._metadata())["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def claims(
        self, *, code: str, answered_by: str | None, verifier: str, nonce: str
    ) -> Mapping[str, Any]:
        """Those of the id token, verified. `answered_by` is the `iss` beside the code (RFC 9207)."""
        metadata = await self._metadata()
        required = bool(metadata.get("authorization_response_iss_parameter_supported"))
        if answered_by != self.issuer and (answered_by is not None or required):
            raise IdentityRefused("the answer came from another provider than the one that was asked")
        token = await self._id_token(metadata, code, verifier)
        return await self._verified(metadata, token, nonce)

    async def _id_token(self, metadata: Mapping[str, Any], code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = httpx2.BasicAuth(self._client_id, self._client_secret)
        if "client_secret_basic" not in ways:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret}
        answer = await self._answer_of(
            str(metadata["token_endpoint"]),
            data=form,
            **({"auth": basic} if "client_secret_basic" in ways else {}),
        )
        if not isinstance(answer.get("id_token"), str):
            raise IdentityRefused(
                f"the provider gave no id token: {str(answer.get('error', 'no reason'))[:100]}"
            )
        return str(answer["id_token"])

    async def _answer_of(self, endpoint: str, **request: Any) -> dict[str, Any]:
        """Also that of a refusal, which says why (RFC 6749 section 5.2)."""
        try:
            answer = await self._http.post(endpoint, **request)
            found = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise Unavailable(AWAY) from error
        if answer.status_code >= 500 or not isinstance(found, dict):
            raise Unavailable(AWAY)
        return found

    async def _verified(self, metadata: Mapping[str, Any], token: str, nonce: str) -> Mapping[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = (await self._decoded(str(metadata["jwks_uri"]), token)).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            log.warning("an id token was refused", issuer=self.issuer, reason=str(error))
            raise IdentityRefused("the provider's id token is not valid; sign in again") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims.get("azp", self._client_id) != self._client_id or (
            len(audiences) > 1 and "azp" not in claims
        ):
            raise IdentityRefused("the id token was made for another client")
        return claims

    async def _decoded(self, where: str, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._documents.get(where, _keys), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # The provider may have changed its keys; looked at again, but not for every bad token.
            keys = await self._documents.get(where, _keys, anew=True)
            return jwt.decode(token, keys, algorithms=ALGORITHMS)

    async def _metadata(self) -> Mapping[str, Any]:
        return await self._documents.get(self.issuer.rstrip("/") + WELL_KNOWN, self._checked)

    def _checked(self, metadata: Mapping[str, Any]) -> Mapping[str, Any]:
        if metadata.get("issuer") != self.issuer:
            raise Unavailable(
                "the document of the external provider names another issuer than AUTH_OIDC_ISSUER"
            )
        missing = [name for name in ENDPOINTS if not isinstance(metadata.get(name), str)]
        if missing:
            raise Unavailable(f"the document of the external provider lacks {', '.join(missing)}")
        return metadata


def _keys(document: Mapping[str, Any]) -> KeySet:
    """Public keys alone: a symmetric one in the document must verify nothing."""
    try:
        keys = [key for key in document["keys"] if key.get("kty") in ("RSA", "EC", "OKP")]
        return KeySet.import_key_set({"keys": [key for key in keys if key.get("use", "sig") == "sig"]})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unavailable("the external provider publishes no keys that verify its id tokens") from error
