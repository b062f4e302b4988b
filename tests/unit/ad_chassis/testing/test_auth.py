"""The fake issues tokens that the real verifier takes, and answers the login of services."""

import pytest

from ad_chassis.errors import BadGateway
from ad_chassis.testing import FakeAuth, service_client
from ad_chassis.testing.auth import SERVICE_KEY


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
async def test_its_tokens_pass_the_real_verifier(algorithm: str) -> None:
    auth = FakeAuth(algorithm=algorithm)
    assert (await auth.verifier().verify(auth.token(tenant="acme"))).tenant == "acme"


async def test_it_publishes_public_keys_only() -> None:
    document = (await service_client(FakeAuth().app()).get("/api/v1/auth/jwks.json")).json()
    assert all("d" not in key for key in document["keys"])
    assert document["keys"][0]["kid"]


async def test_it_gives_a_token_for_the_service_key_only() -> None:
    auth = FakeAuth()
    client = service_client(auth.app())
    _, key_id, secret = SERVICE_KEY.split("_")
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    token = (await client.post("/api/v1/auth/token", data=form)).json()["access_token"]
    assert (await auth.verifier().verify(token)).kind == "service"
    with pytest.raises(BadGateway):
        await client.post("/api/v1/auth/token", data={**form, "client_secret": "wrong"})
