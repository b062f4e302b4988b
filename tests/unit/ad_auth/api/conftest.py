"""A user with a second factor."""

import pytest

from tests.support.oauth import ANN, code_now


@pytest.fixture
def log_in(client):
    async def log_in(**more) -> dict:
        answer = await client.post("/auth/token", data=ANN | more)
        return answer.json() | {"status": answer.status_code}

    return log_in


@pytest.fixture
async def mine(ann, log_in) -> dict[str, str]:
    return {"Authorization": f"Bearer {(await log_in())['access_token']}"}


@pytest.fixture
async def enrolled(client, mine) -> dict:
    """The secret and the recovery codes of ann, whose code of this step is used: the next one is good as well."""
    made = await client.post("/users/me/totp", json={"password": ANN["password"]}, headers=mine)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    body = {"code": code_now(made.json()["secret"])}
    confirmed = await client.post("/users/me/totp/confirm", json=body, headers=mine)
    assert (confirmed.status_code, confirmed.headers["cache-control"]) == (200, "no-store")
    return made.json() | confirmed.json()
