"""`users totp`: enrol and remove."""

import io

import pytest

from tests.support.canned_server import Answer, problem

ANN = {"id": "0f", "username": "ann", "role": "analyst", "streams": None, "suspended_at": None}
MADE = {"secret": "GEZDGNBV", "uri": "otpauth://totp/anomaly_detection:ann?secret=GEZDGNBV"}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    def typed(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return typed


@pytest.fixture(autouse=True)
def totp(server) -> None:
    server.on("POST /auth/token", {"access_token": "her-token"})
    server.on("POST /users/me/totp", Answer(MADE, 201))
    server.on("POST /users/me/totp/confirm", {"recovery_codes": ["aaaa-bbbb", "cccc-dddd"]})
    server.on("GET /users", {"items": [ANN], "next_cursor": None})
    server.on("DELETE /users/0f/totp", Answer(b"", 204))
    server.on("POST /users/me/totp/remove", Answer(b"", 204))
    server.on("GET /auth/me", {"kind": "api_key", "subject": "1e", "name": "ann", "tenant": "default"})


def test_a_user_enrols_with_the_password_and_a_first_code(command, server, typed) -> None:
    typed("correct horse battery\n123456\n")
    told = command("users", "totp", "enrol", "ann", "--tenant", "acme")
    assert told.code == 0
    assert told.out.splitlines() == [MADE["secret"], MADE["uri"], "aaaa-bbbb", "cccc-dddd"]
    login, enrolled, confirmed = server.seen
    assert "authorization" not in login.headers
    assert login.json == {
        "grant_type": "password",
        "tenant": "acme",
        "username": "ann",
        "password": "correct horse battery",
    }
    assert enrolled.json == {"password": "correct horse battery"}
    assert confirmed.json == {"code": "123456"}
    assert {each.headers["authorization"] for each in (enrolled, confirmed)} == {"Bearer her-token"}
    assert "correct horse" not in told.out + told.err


@pytest.mark.parametrize(("text", "missing"), [("", "no password"), ("x\n", "no code of the app")])
def test_what_is_not_in_the_input_is_told(command, typed, text, missing) -> None:
    typed(text)
    told = command("users", "totp", "enrol", "ann")
    assert (told.code, missing in told.err) == (2, True)


def test_a_refusal_of_the_server_is_told(command, server, typed) -> None:
    server.on("POST /users/me/totp", problem(409, "there is a second factor already; remove it first"))
    typed("correct horse battery\n")
    assert "there is a second factor already" in command("users", "totp", "enrol", "ann").err


@pytest.mark.parametrize("who", ["ann", "0f"])
def test_its_user_removes_it_with_a_code(command, server, typed, who) -> None:
    server.on("GET /auth/me", {"kind": "user", "subject": "0f", "name": "ann", "tenant": "default"})
    typed("123456\n")
    told = command("users", "totp", "remove", who)
    assert (told.code, told.err) == (0, "the user ann has no second factor any more\n")
    assert (server.last.path, server.last.json) == ("/api/v1/users/me/totp/remove", {"code": "123456"})
    typed("")
    assert "no code of the app" in command("users", "totp", "remove", who).err


def test_an_administrator_removes_it(command, server) -> None:
    told = command("users", "totp", "remove", "ann", "--yes")
    assert (told.code, "no second factor any more" in told.err) == (0, True)
    assert (server.last.method, server.last.path) == ("DELETE", "/api/v1/users/0f/totp")
