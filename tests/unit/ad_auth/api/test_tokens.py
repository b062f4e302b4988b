"""The routes of tokens."""

import base64
import json

import pytest

from ad_chassis.security.permissions import expanded
from ad_chassis.security.token_source import parse_api_key

PASSWORD = "correct horse battery"
ANN = {"grant_type": "password", "username": "ann", "password": PASSWORD}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("how", ["data", "json"])
async def test_rfc6749_5_1_a_token_is_got_by_form_and_by_json_and_may_not_be_stored(client, ann, how) -> None:
    answer = await client.post("/auth/token", **{how: ANN})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.json()) == {
        "access_token", "token_type", "expires_in", "refresh_token", "scope", "tenant"
    }  # fmt: skip
    me = (await client.get("/auth/me", headers=bearer(answer.json()["access_token"]))).json()
    assert me == {
        "subject": ann["id"],
        "kind": "user",
        "name": "ann",
        "tenant": "default",
        "permissions": sorted({"read", "write", *expanded(["read", "write"])}),
        "streams": None,
    }


async def test_rfc6749_2_3_1_a_client_may_send_its_key_by_http_basic(running, client) -> None:
    key_id, secret = parse_api_key((running[0].data_dir / "admin.key").read_text())
    form = {"grant_type": "client_credentials"}
    for text, status, challenge in ((secret, 200, None), ("wrong", 401, 'Basic realm="anomaly_detection"')):
        basic = base64.b64encode(f"{key_id}:{text}".encode()).decode()
        answer = await client.post("/auth/token", data=form, headers={"Authorization": f"Basic {basic}"})
        assert answer.status_code == status
        assert answer.headers.get("www-authenticate") == challenge
    assert "refresh_token" not in answer.json()


@pytest.mark.parametrize(
    ("parameters", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "ann"}, 400, "invalid_request"),
        (ANN | {"password": "wrong"}, 400, "invalid_grant"),
        (ANN | {"username": "nobody"}, 400, "invalid_grant"),
        (ANN | {"username": "ann\x00"}, 400, "invalid_grant"),
        (ANN | {"tenant": "acme"}, 400, "invalid_grant"),
        (ANN | {"tenant": "A/../b"}, 400, "invalid_request"),
        (ANN | {"password": "x" * 1025}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "a"}, 400, "invalid_request"),
        (
            {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"},
            401,
            "invalid_client",
        ),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
async def test_rfc6749_5_2_a_refusal_is_a_problem_with_its_code(
    shared_client, parameters, status, error
) -> None:
    for sent in ({"data": parameters}, {"json": parameters}):
        if not parameters and "data" in sent:
            continue
        answer = await shared_client.post("/auth/token", **sent)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        problem = answer.json()
        assert (problem["error"], problem["error_description"]) == (error, problem["detail"])
        assert ("www-authenticate" in answer.headers) is (status == 401)


async def test_the_answer_is_the_same_whether_the_user_exists_or_not(client, ann) -> None:
    answers = []
    for username in ("ann", "nobody"):
        answer = await client.post("/auth/token", data=ANN | {"username": username, "password": "wrong"})
        answers.append({**answer.json(), "request_id": ""})
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("media_type", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"grant_type=password&grant_type=password", 400),
        ("application/x-www-form-urlencoded", b"grant_type=\xff", 400),
        ("application/x-www-form-urlencoded", b"grant_type=%ff", 400),
        ("application/x-www-form-urlencoded", b"&".join(b"p%d=1" % n for n in range(100)), 400),
        ("application/json", b"{", 400),
        ("application/json", b"[]", 400),
        ("application/json", b"[" * 60_000, 400),
        ("application/json", b'{"grant_type": 1}', 400),
        ("application/json", b'{"grant_type": "password", "password": "\\ud800", "username": "ann"}', 400),
        ("application/json", b'{"grant_type": {"$ne": null}}', 400),
        ("text/plain", b"grant_type=password", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("", b"grant_type=password", 415),
        ("application/json", b'{"password": "' + b"x" * 70_000 + b'"}', 413),
    ],
)
async def test_a_body_that_cannot_be_read_is_a_problem(shared_client, media_type, body, status) -> None:
    answer = await shared_client.post("/auth/token", content=body, headers={"Content-Type": media_type})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_too_many_failures_are_answered_with_the_time_to_wait(client, ann) -> None:
    for _ in range(3):
        assert (await client.post("/auth/token", data=ANN | {"password": "wrong"})).status_code == 400
    answer = await client.post("/auth/token", data=ANN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900


async def test_rfc9700_4_14_2_a_session_is_refreshed_and_a_second_use_ends_it(strict_client) -> None:
    first = (await strict_client.post("/auth/token", data=ANN)).json()
    second = await strict_client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    following = second.json()
    assert (await strict_client.get("/auth/me", headers=bearer(following["access_token"]))).status_code == 200
    again = await strict_client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    for each in (first, following):
        assert (await strict_client.get("/auth/me", headers=bearer(each["access_token"]))).status_code == 401


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_rfc7009_2_1_a_revoked_token_is_worthless_at_once(client, ann, which) -> None:
    grant = (await client.post("/auth/token", data=ANN)).json()
    for _ in range(2):
        assert (await client.post("/auth/revoke", json={"token": grant[which]})).status_code == 204
    assert (await client.get("/auth/me", headers=bearer(grant["access_token"]))).status_code == 401
    assert (await client.post("/auth/revoke", data={"token": "unknown"})).status_code == 204
    assert (await client.post("/auth/revoke", json={})).json()["error"] == "invalid_request"


async def test_rfc9068_4_a_refresh_token_is_no_access_token(client, ann) -> None:
    grant = (await client.post("/auth/token", data=ANN)).json()
    assert (await client.get("/auth/me", headers=bearer(grant["refresh_token"]))).status_code == 401


async def test_rfc7517_the_keys_are_public_and_hold_no_private_part(client) -> None:
    answer = await client.get("/auth/jwks.json")
    assert answer.status_code == 200
    [key] = answer.json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}


async def test_rfc9068_2_an_access_token_has_its_type_and_claims(client, ann) -> None:
    token = (await client.post("/auth/token", data=ANN)).json()["access_token"]
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert (header["typ"], header["alg"]) == ("at+jwt", "ES256")
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope", "tenant"} <= set(claims)
    assert (claims["exp"] - claims["iat"], claims["tenant"]) == (900, "default")
