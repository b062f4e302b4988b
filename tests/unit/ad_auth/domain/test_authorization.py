"""Requests of the authorization endpoint."""

import pytest

from ad_auth.domain.authorization import (
    NoRedirect,
    RefusedRequest,
    answer_address,
    asked,
    destination,
    fits,
)
from ad_auth.domain.clients import known_clients

CLIENTS = known_clients(None)
CALLBACK = "http://127.0.0.1:8123/callback"
# The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
GOOD = {"response_type": "code", "code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def test_rfc7636_appendix_b_the_verifier_of_the_example_fits_its_challenge() -> None:
    assert fits(VERIFIER, CHALLENGE)


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1], VERIFIER + "x", "x" * 129, CHALLENGE, "é" * 43])
def test_rfc7636_4_1_another_verifier_or_a_short_or_long_one_does_not_fit(verifier) -> None:
    assert not fits(verifier, CHALLENGE)


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"client_id": "unknown", "redirect_uri": CALLBACK},
        {"client_id": "cli"},
        {"client_id": "cli", "redirect_uri": "https://evil.example/callback"},
        {"client_id": "cli", "redirect_uri": CALLBACK, "state": "x" * 1025},
    ],
)
def test_rfc6749_4_1_2_1_without_a_good_address_nothing_is_sent_anywhere(sent) -> None:
    with pytest.raises(NoRedirect):
        destination(sent, CLIENTS)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "x" * 42}, "invalid_request"),
        ({"code_challenge": "+" * 43}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
    ],
)
def test_rfc7636_4_4_1_a_request_without_an_s256_challenge_is_refused(changes, error) -> None:
    sent = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(RefusedRequest) as refused:
        asked(sent, CLIENTS["cli"], CALLBACK)
    assert refused.value.error == error


def test_a_good_request_says_where_its_answer_goes() -> None:
    wanted = asked(
        GOOD | {"state": "s"}, *destination({"client_id": "cli", "redirect_uri": CALLBACK}, CLIENTS)
    )
    assert (wanted.redirect_uri, wanted.challenge, wanted.state) == (CALLBACK, CHALLENGE, "s")


def test_rfc9207_2_an_answer_says_who_sent_it() -> None:
    address = answer_address(CALLBACK, "a b&c", "https://ad.example", {"code": "x"})
    assert address == f"{CALLBACK}?code=x&state=a+b%26c&iss=https%3A%2F%2Fad.example"
    assert answer_address(CALLBACK, None, None, {"code": "x"}) == f"{CALLBACK}?code=x"
