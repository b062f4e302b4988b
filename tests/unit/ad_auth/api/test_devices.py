"""Login on a device without a browser, over REST and the page."""

import pytest

from ad_auth.api.tokens import DEVICE_GRANT
from ad_auth.domain.credentials import digest
from tests.support.oauth import SIGN_IN, code_now, fields_of


@pytest.fixture
async def asked(client):
    answer = await client.post("/auth/device", data={"client_id": "cli"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def poll(client, asked, running):
    async def poll(**changes):
        # The interval is over.
        await running[0].cache.delete(f"auth:device:polled:{digest(asked['device_code'])}")
        form = {"grant_type": DEVICE_GRANT, "client_id": "cli", "device_code": asked["device_code"]}
        return await client.post("/auth/token", data=form | changes)

    return poll


@pytest.fixture
def type_code(client, asked):
    """What the page says to a code: that of the device, if no other is given."""

    async def type_code(user_code=asked["user_code"], **headers):
        page = await client.get("/auth/device")
        form = fields_of(page.text) | {"user_code": user_code}
        return await client.post("/auth/device/decision", data=form, headers=headers)

    return type_code


@pytest.fixture
def decide(client, type_code):
    async def decide(**changes):
        page = await type_code()
        assert page.status_code == 200, page.text
        return await client.post(
            "/auth/device/decision", data=fields_of(page.text) | SIGN_IN | {"decision": "approve"} | changes
        )

    return decide


async def test_rfc8628_3_2_the_device_is_told_where_a_person_goes(asked) -> None:
    assert asked["verification_uri"] == "http://auth/api/v1/auth/device"
    assert asked["verification_uri_complete"].endswith(f"?user_code={asked['user_code']}")
    assert (asked["expires_in"], asked["interval"]) == (600, 5)


async def test_rfc8628_3_5_a_device_waits_until_a_person_approved_and_gets_its_tokens_once(
    client, ann, poll, decide, type_code
) -> None:
    assert (await poll()).json()["error"] == "authorization_pending"
    assert "signed in" in (await decide()).text
    grant = (await poll()).json()
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {grant['access_token']}"})
    assert me.json()["name"] == "ann"
    assert (await poll()).json()["error"] == "expired_token"
    assert (await type_code()).status_code == 404


async def test_rfc8628_3_5_a_person_may_deny_without_a_password(poll, decide) -> None:
    assert "refused" in (await decide(decision="deny", password="")).text
    assert (await poll()).json()["error"] == "access_denied"


async def test_rfc8628_3_5_who_asks_too_soon_is_slowed_down(client, asked) -> None:
    form = {"grant_type": DEVICE_GRANT, "client_id": "cli", "device_code": asked["device_code"]}
    errors = [(await client.post("/auth/token", data=form)).json()["error"] for _ in range(3)]
    assert errors == ["authorization_pending", "slow_down", "slow_down"]


async def test_a_wrong_password_leaves_the_device_waiting(client, ann, poll, decide) -> None:
    answer = await decide(password="wrong")
    assert (answer.status_code, 'role="alert"' in answer.text) == (400, True)
    assert (await poll()).json()["error"] == "authorization_pending"


async def test_rfc8628_5_4_the_page_shows_what_asks_and_says_to_compare_the_code(asked, type_code) -> None:
    page = await type_code(asked["user_code"].lower())
    assert asked["user_code"] in page.text
    assert "Compare the code" in page.text
    assert "The command line asked" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_rfc8628_5_1_wrong_codes_are_limited_by_address(type_code) -> None:
    for _ in range(10):
        assert (await type_code("BBBB-BBBB")).status_code == 404
    answer = await type_code()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
    assert "try again in 15 minutes" in answer.text


async def test_rfc8628_3_3_1_a_code_in_the_address_is_filled_in_and_looked_at_once_it_is_sent(
    client, asked, type_code
) -> None:
    """So a page of another site, which can make its visitors ask for addresses, uses up none of their tries."""
    for _ in range(20):
        wrong = await client.get("/auth/device", params={"user_code": "BBBB-BBBB"})
        assert (wrong.status_code, 'value="BBBB-BBBB"' in wrong.text) == (200, True)
        sent = await client.post("/auth/device/decision", data={"user_code": "BBBB-BBBB"})
        assert sent.status_code == 403
    right = await client.get("/auth/device", params={"user_code": asked["user_code"]})
    assert (f'value="{asked["user_code"]}"' in right.text, "asked at" in right.text) == (True, False)
    assert (await type_code()).status_code == 200


async def test_a_proxy_that_is_not_believed_takes_the_tries_from_nobody(type_code) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    for _ in range(20):
        assert (await type_code("BBBB-BBBB", **forwarded)).status_code == 404
    assert (await type_code(**forwarded)).status_code == 200
    assert (await type_code()).status_code == 200


async def test_a_decision_that_another_site_sends_does_not_count(client, ann, asked, poll) -> None:
    form = {"user_code": asked["user_code"], "decision": "approve"} | SIGN_IN
    assert (await client.post("/auth/device/decision", data=form)).status_code == 403
    assert (await poll()).json()["error"] == "authorization_pending"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "dashboard"}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"device_code": "ad_device_x"}, "expired_token"),
    ],
)
async def test_rfc8628_3_4_a_device_code_is_its_clients_alone(poll, changes, error) -> None:
    assert (await poll(**changes)).json()["error"] == error


async def test_only_the_command_line_signs_in_as_a_device(client) -> None:
    answer = await client.post("/auth/device", data={"client_id": "dashboard"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_the_page_asks_for_a_code_when_the_address_has_none(shared_client) -> None:
    page = await shared_client.get("/auth/device")
    assert page.status_code == 200
    assert 'name="user_code"' in page.text


async def test_a_device_is_approved_with_the_code_of_a_second_factor(
    client, administrator, enrolled, poll, decide
) -> None:
    asked = await decide()
    assert (asked.status_code, 'name="otp"' in asked.text) == (400, True)
    assert (await poll()).json()["error"] == "authorization_pending"
    assert (await decide(otp=code_now(enrolled["secret"], 1))).status_code == 200
    assert (await poll()).status_code == 200
    query = {"action": "open session"}
    [entry] = (await client.get("/audit", params=query, headers=administrator)).json()["items"]
    assert (entry["outcome"], entry["details"]) == (
        "allowed",
        {"by": "device code", "client": "cli", "subject_name": "ann"},
    )
