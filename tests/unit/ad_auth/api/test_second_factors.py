"""The routes of the second factor, and logins with it."""

from tests.support.oauth import ANN, code_now

NOTHING_SENT = ({}, {"json": {}}, {"json": {"code": ""}})


async def test_a_login_asks_for_a_code_and_takes_it_once(client, mine, enrolled, log_in) -> None:
    asked = await log_in()
    assert (asked["status"], asked["error"]) == (400, "mfa_required")
    now = code_now(enrolled["secret"], 1)
    assert (await log_in(otp=now))["status"] == 200
    again = await log_in(otp=now)
    assert (again["status"], again["error"]) == (400, "invalid_grant")
    told = (await client.get("/users/me/totp", headers=mine)).json()
    assert (told["enabled"], told["recovery_codes_left"]) == (True, 10)


async def test_a_recovery_code_is_good_for_one_login(client, mine, enrolled, log_in) -> None:
    code = enrolled["recovery_codes"][0]
    assert [(await log_in(otp=code))["status"] for _ in range(2)] == [200, 400]
    assert (await client.get("/users/me/totp", headers=mine)).json()["recovery_codes_left"] == 9


async def test_whether_there_is_a_second_factor_is_told_to_nobody_without_the_password(
    enrolled, log_in
) -> None:
    wrong = {"password": "wrong horse battery"}
    answers = [await log_in(**wrong), await log_in(**wrong, otp="000000"), await log_in(username="bob")]
    assert {(each["error"], each["detail"]) for each in answers} == {
        ("invalid_grant", "the user name or the password is wrong")
    }


async def test_wrong_codes_lock_the_account_like_wrong_passwords(enrolled, log_in) -> None:
    answers = [await log_in(otp="000000") for _ in range(4)]
    assert [each["status"] for each in answers] == [400, 400, 400, 429]
    assert (await log_in(otp=code_now(enrolled["secret"], 1)))["status"] == 429


async def test_every_login_is_in_the_audit_log(client, administrator, ann, enrolled, log_in) -> None:
    await log_in(otp="000000")
    await log_in(otp=code_now(enrolled["secret"], 1))
    query = {"action": "login", "subject": ann["id"]}
    items = (await client.get("/audit", params=query, headers=administrator)).json()["items"]
    assert [(each["outcome"], each["details"].get("reason")) for each in items] == [
        ("allowed", None),
        ("failed", "second factor wrong"),
        ("allowed", None),
    ]


async def test_its_user_or_an_administrator_takes_it_away(
    client, administrator, ann, mine, enrolled, log_in
) -> None:
    wrong = await client.post("/users/me/totp/remove", json={"code": "000000"}, headers=mine)
    assert wrong.status_code == 403
    body = {"code": code_now(enrolled["secret"], 1)}
    assert (await client.post("/users/me/totp/remove", json=body, headers=mine)).status_code == 204
    assert (await log_in())["status"] == 200
    path = f"/users/{ann['id']}/totp"
    assert (await client.delete(path, headers=administrator)).status_code == 404
    assert (await client.delete(path, headers=mine)).status_code == 403


async def test_before_it_is_confirmed_nothing_changes(client, mine, log_in) -> None:
    body = {"password": ANN["password"]}
    assert (await client.post("/users/me/totp", json=body, headers=mine)).status_code == 201
    assert (await log_in())["status"] == 200
    assert (await client.get("/users/me/totp", headers=mine)).json() == {
        "enabled": False,
        "confirmed_at": None,
        "recovery_codes_left": 0,
    }
    wrong = await client.post("/users/me/totp/confirm", json={"code": "000000"}, headers=mine)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "code")


async def test_a_key_has_none(client, administrator) -> None:
    assert (await client.get("/users/me/totp", headers=administrator)).status_code == 403


async def test_removing_says_what_it_needs_when_that_is_missing(client, enrolled, mine) -> None:
    answers = [await client.post("/users/me/totp/remove", headers=mine, **body) for body in NOTHING_SENT]
    assert [(answer.status_code, answer.json()["detail"]) for answer in answers] == [
        (422, "body: there is none; send a JSON object"),
        (422, "code: Field required"),
        (422, "code: its length in characters must be at least 1"),
    ]
