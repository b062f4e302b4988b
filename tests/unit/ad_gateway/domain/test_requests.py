"""What a client may say."""

import msgspec
import pytest

from ad_gateway.domain.filters import AnomalyFilter
from ad_gateway.domain.requests import Allowance, AuthenticateRequest, FilterRequest, read


@pytest.mark.parametrize("text", ['{"streams": ["pumps"]}', '{"type": "filter", "streams": ["pumps"]}'])
def test_a_filter_may_leave_out_its_type(text: str) -> None:
    request = read(text)
    assert isinstance(request, FilterRequest)
    assert request.wanted() == AnomalyFilter.of(streams=["pumps"])


def test_a_token_or_a_ticket_authenticates() -> None:
    assert read('{"type": "authenticate", "token": "t"}') == AuthenticateRequest("authenticate", token="t")
    assert read('{"type": "authenticate", "ticket": "t"}') == AuthenticateRequest("authenticate", ticket="t")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "truncated"),
        ("[]", "object"),
        ('{"type": "shout"}', "'shout'.*filter, authenticate"),
        ('{"type": 1}', "str"),
        ('{"stream": "pumps"}', "unknown field"),
        ('{"type": "authenticate"}', "either a token or a ticket"),
        ('{"type": "authenticate", "token": "t", "ticket": "t"}', "either a token or a ticket"),
        ('{"type": "authenticate", "token": "t", "streams": []}', "unknown field"),
        ("[" * 3000, "object|recursion"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(msgspec.MsgspecError, match=reason):
        read(text)


def test_a_client_may_speak_twenty_times_at_once_and_then_twice_a_second() -> None:
    allowance = Allowance(0.0)
    assert [allowance.spend(0.0) for _ in range(21)] == [True] * 20 + [False]
    assert [allowance.spend(1.0) for _ in range(3)] == [True, True, False]
    assert [allowance.spend(1000.0) for _ in range(21)] == [True] * 20 + [False]
