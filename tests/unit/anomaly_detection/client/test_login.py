"""The file of a login."""

import time

import pytest

from anomaly_detection.client.address import address_of
from anomaly_detection.client.login import Tokens, login_at, tokens_of
from anomaly_detection.client.problems import ServerError
from anomaly_detection.client.threads import Client
from anomaly_detection.errors import CliError
from tests.support.canned_server import problem

ANSWER = {"access_token": "new", "refresh_token": "ad_refresh_2", "expires_in": 900, "tenant": "default"}


@pytest.fixture
def login(server, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    return login_at(server.url, trust_env=False)


def tokens(ends_in: float) -> Tokens:
    return Tokens("old", "ad_refresh_1", time.time() + ends_in, "ann", "default")


def test_only_its_owner_reads_the_file_and_no_text_shows_the_tokens(login) -> None:
    login.keep(tokens(900))
    assert [path.stat().st_mode & 0o077 for path in login.path.parent.iterdir()] == [0, 0]
    assert "ad_refresh_1" not in f"{login!r} {login.tokens()!r}"


def test_a_login_goes_before_the_administrators_key_and_a_key_that_is_given_before_both(
    login, server, tmp_path
) -> None:
    (tmp_path / "admin.key").write_text("ad_one_two")
    assert address_of(server.url, None).headers == {"Authorization": "Bearer ad_one_two"}
    login.keep(tokens(900))
    assert address_of(server.url, None).headers == {"Authorization": "Bearer old"}
    assert address_of(server.url, "ad_three_four").headers == {"Authorization": "Bearer ad_three_four"}
    assert address_of("http://127.0.0.1:9", None).headers == {"Authorization": "Bearer ad_one_two"}


def test_a_token_near_its_end_is_renewed_and_the_new_ones_are_kept(login, server) -> None:
    server.on("POST /auth/token", ANSWER)
    login.keep(tokens(30))
    assert [login.token() for _ in range(2)] == ["new", "new"]
    [seen] = server.seen
    assert b"refresh_token=ad_refresh_1" in seen.body
    assert b"client_id=cli" in seen.body
    assert (login.tokens().refresh_token, login.tokens().name) == ("ad_refresh_2", "ann")


def test_a_login_that_has_ended_says_how_to_sign_in_again(login, server) -> None:
    server.on("POST /auth/token", problem(400, "used already", error="invalid_grant"))
    login.keep(tokens(0))
    with pytest.raises(ServerError, match="anomaly_detection login"):
        login.token()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"access_token": "x"}'])
def test_a_file_that_holds_no_login_is_named(login, text) -> None:
    login.keep(tokens(900))
    login.path.write_text(text)
    with pytest.raises(CliError, match="remove it"):
        login.token()


def test_logging_out_removes_the_file_even_when_the_server_does_not_answer(login, server) -> None:
    server.on("POST /auth/revoke", problem(503, "away"))
    login.keep(tokens(900))
    with pytest.raises(ServerError, match="away"):
        login.forget()
    assert not login.path.exists()
    with pytest.raises(CliError, match="nobody is signed in"):
        login.forget()


@pytest.mark.parametrize("answer", [{}, ANSWER | {"expires_in": "soon"}, {"access_token": "x"}])
def test_an_answer_without_tokens_is_named(answer) -> None:
    with pytest.raises(ServerError, match="did not answer with tokens"):
        tokens_of(answer)


def test_a_token_that_was_refused_before_its_end_is_renewed_once(login, server) -> None:
    server.on("POST /auth/token", ANSWER)
    login.keep(tokens(900))
    assert [login.renewed("old"), login.renewed("old"), login.token()] == ["new", "new", "new"]
    assert len(server.seen) == 1


def test_a_client_signs_in_with_the_login_and_renews_it_when_it_is_refused(login, server) -> None:
    server.on("POST /auth/token", ANSWER)
    server.on("GET /auth/me", {"name": "ann"})
    server.refused = "old"
    login.keep(tokens(900))
    with Client(server.url) as client:
        assert client.me()["name"] == "ann"
    assert login.tokens().access_token == "new"
