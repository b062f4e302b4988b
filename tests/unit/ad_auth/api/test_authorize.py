"""The authorization endpoint as a browser sees it."""

import base64
import json
from urllib.parse import urlsplit

import pytest

from ad_auth.api.pages import CSRF_FIELD
from tests.support.oauth import CALLBACK, SIGN_IN, Flow, challenge_of, code_now, fields_of, told

EVIL = '"><script>alert(1)</script>'


def claims(token: str) -> dict[str, object]:
    return dict(json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")))


async def test_rfc6749_4_1_a_person_signs_in_and_the_client_gets_tokens(client, ann) -> None:
    grant = await Flow(client).tokens()
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {grant['access_token']}"})
    assert me.json()["name"] == "ann"
    assert (claims(grant["access_token"])["client_id"], grant["scope"]) == ("cli", "read write")
    assert grant["refresh_token"]


async def test_rfc6749_4_1_2_the_answer_echoes_the_state_by_303_and_says_nothing_to_others(
    client, ann
) -> None:
    answer = await Flow(client, state="x&y=ü").sign_in()
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    assert told(answer)["state"] == "x&y=ü"
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")


async def test_rfc9700_4_16_the_page_runs_nothing_and_stands_in_no_frame(shared_client) -> None:
    page = await Flow(shared_client).ask()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:49152;" in policy
    assert (page.headers["x-frame-options"], page.headers["referrer-policy"]) == ("DENY", "no-referrer")
    assert "<script" not in page.text
    assert page.headers["set-cookie"].lower().endswith("httponly; path=/; samesite=strict")


async def test_what_comes_from_outside_is_escaped_on_the_page(shared_client) -> None:
    flow = Flow(shared_client, state=EVIL)
    page = await flow.ask()
    again = await flow.sign_in(username=EVIL, password=EVIL, tenant="default")
    assert again.status_code == 400
    for text in (page.text, again.text):
        assert EVIL not in text
        assert fields_of(text)["state"] == EVIL
    assert (
        again.text.count("alert(1)") == 2
    )  # in the state and in the user name; the password is not sent back


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": ""},
        {"client_id": "unknown"},
        {"client_id": "dashboard"},
    ],
)
async def test_rfc6749_4_1_2_1_nothing_is_sent_to_an_address_that_is_not_the_clients(
    shared_client, changes
) -> None:
    flow = Flow(shared_client, **changes)
    page = await flow.ask()
    posted = await shared_client.post("/auth/authorize", data=flow.asked | SIGN_IN)
    for answer in (page, posted):
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
    ],
)
async def test_rfc6749_4_1_2_1_other_errors_are_told_to_the_client(shared_client, changes, error) -> None:
    answer = await Flow(shared_client, **changes).ask()
    assert answer.status_code == 303
    assert (told(answer)["error"], told(answer)["state"]) == (error, "a state")


async def test_rfc6749_3_1_a_parameter_that_is_sent_twice_is_refused(shared_client) -> None:
    answer = await shared_client.get(f"/auth/authorize?client_id=cli&client_id=cli&redirect_uri={CALLBACK}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_rfc6749_10_12_a_form_that_another_site_sends_signs_nobody_in(client, ann) -> None:
    flow = Flow(client)
    form = fields_of((await flow.ask()).text) | SIGN_IN
    for sent in (form | {CSRF_FIELD: "x" * 43}, {name: form[name] for name in form if name != CSRF_FIELD}):
        answer = await client.post("/auth/authorize", data=sent)
        assert answer.status_code == 403
        assert "location" not in answer.headers
    client.cookies.clear()
    assert (await client.post("/auth/authorize", data=form)).status_code == 403


async def test_who_cancels_denies_the_client_access(shared_client) -> None:
    answer = await Flow(shared_client).sign_in(decision="cancel", password="")
    assert told(answer)["error"] == "access_denied"


async def test_too_many_wrong_passwords_are_answered_with_the_time_to_wait(client, ann) -> None:
    for _ in range(3):
        assert (await Flow(client).sign_in(password="wrong")).status_code == 400
    answer = await Flow(client).sign_in()
    assert answer.status_code == 429
    assert f"try again in {answer.headers['retry-after']} seconds" in answer.text
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:49153/callback"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"client_id": "dashboard"}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
    ],
)
async def test_rfc7636_4_6_and_rfc6749_4_1_3_a_code_is_bound_to_its_request(
    client, ann, changes, error
) -> None:
    flow = Flow(client)
    answer = await flow.exchange(await flow.code(), **changes)
    assert answer.json()["error"] == error


async def test_rfc6749_4_1_2_a_code_that_comes_again_ends_what_it_gave(client, ann) -> None:
    flow = Flow(client)
    code = await flow.code()
    grant = (await flow.exchange(code)).json()
    header = {"Authorization": f"Bearer {grant['access_token']}"}
    assert (await client.get("/auth/me", headers=header)).status_code == 200
    assert (await flow.exchange(code)).json()["error"] == "invalid_grant"
    assert (await client.get("/auth/me", headers=header)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"], "client_id": "cli"}
    assert (await client.post("/auth/token", data=form)).status_code == 400


async def test_rfc6749_6_a_refresh_token_is_its_clients_alone(client, ann) -> None:
    grant = await Flow(client).tokens()
    form = {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"]}
    for client_id in ({}, {"client_id": "dashboard"}):
        assert (await client.post("/auth/token", data=form | client_id)).json()["error"] == "invalid_grant"
    assert (await client.post("/auth/token", data=form | {"client_id": "cli"})).status_code == 200


async def test_rfc8252_7_3_the_port_may_be_any_but_not_change_between_code_and_token(client, ann) -> None:
    flow = Flow(client, redirect_uri="http://[::1]:50000/callback")
    answer = await flow.sign_in()
    assert urlsplit(answer.headers["location"]).netloc == "[::1]:50000"
    assert (await flow.exchange(told(answer)["code"])).status_code == 200


async def test_rfc7636_4_2_the_challenge_of_the_client_is_that_of_its_verifier(client, ann) -> None:
    flow = Flow(client)
    code = await flow.code()
    assert (await flow.exchange(code, code_verifier=challenge_of(flow.verifier))).status_code == 400
    # The wrong try used the code up.
    assert (await flow.exchange(code)).json()["error"] == "invalid_grant"


async def test_the_page_asks_for_the_code_of_a_second_factor_after_the_right_password_alone(
    client, enrolled
) -> None:
    flow = Flow(client)
    wrong, right = await flow.sign_in(password="wrong"), await flow.sign_in()
    assert [each.status_code for each in (wrong, right)] == [400, 400]
    assert ['name="otp"' in each.text for each in (wrong, right)] == [False, True]
    assert "location" not in right.headers
    code = told(await flow.sign_in(otp=code_now(enrolled["secret"], 1)))["code"]
    assert (await flow.exchange(code)).status_code == 200


async def test_a_wrong_code_leaves_the_field_and_is_not_sent_back(client, enrolled) -> None:
    answer = await Flow(client).sign_in(otp="000000")
    assert (answer.status_code, 'name="otp"' in answer.text, "000000" in answer.text) == (400, True, False)


async def test_who_signs_in_and_the_session_that_it_opens_are_in_the_audit_log(
    client, administrator, ann
) -> None:
    await Flow(client).tokens()
    items = (await client.get("/audit", params={"subject": ann["id"]}, headers=administrator)).json()["items"]
    told_of = [(each["action"], each["outcome"], each["details"]) for each in items]
    assert sorted(told_of) == [
        ("login", "allowed", {"subject_name": "ann"}),
        ("open session", "allowed", {"by": "code", "client": "cli", "subject_name": "ann"}),
    ]
