"""Who is counted: the caller of a token that is good, and nobody else."""

from ad_chassis.errors import Unavailable
from ad_chassis.security.principal import Principal
from ad_chassis.security.verifier import TokenVerifier
from ad_chassis.testing import FakeAuth
from ad_gateway.adapters.identification import KEPT_SECONDS, VerifiedCallers
from ad_gateway.domain.limits import Caller


class Counting(TokenVerifier):
    asked = 0

    async def verify(self, token: str) -> Principal:
        self.asked += 1
        return await super().verify(token)


def counting(auth: FakeAuth) -> Counting:
    real = auth.verifier()
    return Counting(real._keys, issuer=auth.issuer, audience=auth.audience)


async def test_a_token_is_verified_once_a_minute() -> None:
    auth, now = FakeAuth(), [0.0]
    verifier = counting(auth)
    callers = VerifiedCallers(verifier, lambda: now[0])
    token = auth.token(tenant="shop", subject="ann")
    for _ in range(3):
        assert await callers.caller(token) == Caller("shop", "user", "ann")
    assert verifier.asked == 1
    now[0] = KEPT_SECONDS
    await callers.caller(token)
    assert verifier.asked == 2


async def test_a_forged_token_is_nobodys_so_that_it_uses_up_nobodys_limit() -> None:
    auth, forger = FakeAuth(), FakeAuth()
    verifier = counting(auth)
    callers = VerifiedCallers(verifier)
    forged = forger.token(tenant="shop")
    for token in (forged, "nonsense", forged, "nonsense"):
        assert await callers.caller(token) is None
    assert verifier.asked == 2, "what was bad a moment ago is bad"


async def test_when_it_cannot_be_told_who_it_is_the_request_is_nobodys() -> None:
    class Broken(Counting):
        async def verify(self, token: str) -> Principal:
            raise Unavailable("the cache of revoked tokens is away")

    auth = FakeAuth()
    broken = Broken(auth.verifier()._keys, issuer="a", audience="b")
    assert await VerifiedCallers(broken).caller(auth.token()) is None
