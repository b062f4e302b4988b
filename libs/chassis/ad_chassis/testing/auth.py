"""An auth service without users: signs tokens, publishes its keys, answers the services' logins."""

import secrets
import time
from collections.abc import Callable, Collection
from typing import Annotated, Any

from fastapi import FastAPI, Form
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey

from ad_chassis.errors import Unauthenticated
from ad_chassis.http.problems import install_problems
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.permissions import EVERYTHING, GRANTABLE
from ad_chassis.security.principal import Kind, Principal, to_claims
from ad_chassis.security.verifier import TokenVerifier

AUTH_SCHEME = "Bearer"
SERVICE_KEY = "ad_tests_only-for-tests"


class FakeAuth:
    """Tokens of `token()` pass the real `TokenVerifier` that `verifier()` makes."""

    def __init__(
        self,
        *,
        algorithm: str = "ES256",
        issuer: str = "anomaly_detection",
        audience: str = "anomaly_detection",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.algorithm = algorithm
        self.issuer = issuer
        self.audience = audience
        self.fetches = 0
        self._clock = clock
        self.key = self._new_key()
        self._published: list[ECKey | OKPKey] = [self.key]

    def token(
        self,
        *,
        tenant: str = "default",
        permissions: Collection[str] = GRANTABLE,
        subject: str = "tester",
        kind: Kind = "user",
        streams: Collection[str] | None = None,
        lifetime_seconds: float = 900,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A signed token; `header` and further keywords replace single values of it."""
        bound = None if streams is None else frozenset(streams)
        principal = Principal(
            subject, tenant, frozenset(permissions), kind, secrets.token_hex(8), streams=bound
        )
        content = to_claims(
            principal,
            issuer=self.issuer,
            audience=self.audience,
            issued_at=int(self._clock()),
            lifetime_seconds=lifetime_seconds,
        )
        top = {"alg": self.algorithm, "kid": self.key.kid, "typ": "at+jwt", **(header or {})}
        return jwt.encode(top, content | claims, self.key, algorithms=[self.algorithm])

    def headers(self, **options: Any) -> dict[str, str]:
        """The Authorization header with a token of these options."""
        return {"Authorization": f"Bearer {self.token(**options)}"}

    def rotate(self) -> None:
        """From now on another key signs; the old one stays published."""
        self.key = self._new_key()
        self._published.append(self.key)

    def withdraw(self, key_id: str) -> None:
        """A key is no longer published."""
        self._published = [key for key in self._published if key.kid != key_id]

    async def jwks(self) -> dict[str, Any]:
        self.fetches += 1
        return dict(KeySet(list(self._published)).as_dict(private=False))

    def verifier(self, **options: Any) -> TokenVerifier:
        return TokenVerifier(
            JwksSource(self.jwks, min_interval_seconds=0.0),
            issuer=self.issuer,
            audience=self.audience,
            clock=self._clock,
            **options,
        )

    def app(self) -> FastAPI:
        """The routes of auth that other services call."""
        app = FastAPI()
        install_problems(app)

        @app.get("/health/live")
        async def get_liveness() -> dict[str, str]:
            return {"status": "alive"}

        @app.get("/api/v1/auth/jwks.json")
        async def get_jwks() -> dict[str, Any]:
            return await self.jwks()

        @app.post("/api/v1/auth/token")
        async def create_token(
            client_id: Annotated[str, Form()], client_secret: Annotated[str, Form()]
        ) -> dict[str, Any]:
            if f"ad_{client_id}_{client_secret}" != SERVICE_KEY:
                raise Unauthenticated("wrong key")
            token = self.token(kind="service", subject=client_id, permissions=EVERYTHING)
            return {"access_token": token, "token_type": AUTH_SCHEME, "expires_in": 900}

        return app

    def _new_key(self) -> ECKey | OKPKey:
        parameters: Any = {"kid": secrets.token_hex(4), "use": "sig", "alg": self.algorithm}
        if self.algorithm == "ES256":
            return ECKey.generate_key("P-256", parameters)
        return OKPKey.generate_key("Ed25519", parameters)
