"""Idempotency keys: whose they are, and what they stand for."""

import pytest

from ad_gateway.domain.keyed import WrongKey, fingerprint_of, is_final, key_of, place_of
from ad_gateway.domain.limits import Caller

ANN = Caller("shop", "user", "ann")


def test_a_key_may_come_as_the_text_of_a_structured_field_or_bare() -> None:
    assert key_of('"8e03978e"') == key_of("8e03978e") == "8e03978e"


@pytest.mark.parametrize("header", ["", '""', "x" * 256, "a\tb"])
def test_what_cannot_be_a_key_is_refused(header: str) -> None:
    with pytest.raises(WrongKey, match="1 to 255"):
        key_of(header)


def test_no_caller_meets_the_answer_of_another() -> None:
    others = [ANN, ANN._replace(tenant="other"), ANN._replace(kind="api_key"), ANN._replace(subject="bob")]
    assert len({place_of(who, "POST", "/users", "k") for who in others}) == 4
    run_together = [Caller("ab", "c", "d"), Caller("a", "bc", "d")]
    assert len({place_of(who, "POST", "/users", "k") for who in run_together}) == 2


def test_a_fingerprint_tells_bodies_apart_and_cannot_be_tried_out_without_the_key() -> None:
    assert fingerprint_of("k", "/users", b"a") != fingerprint_of("k", "/users", b"b")
    assert fingerprint_of("k", "/users", b"a") != fingerprint_of("other", "/users", b"a")


@pytest.mark.parametrize(
    ("status", "final"), [(201, True), (204, True), (400, False), (409, False), (503, False)]
)
def test_what_did_its_work_is_final(status: int, final: bool) -> None:
    assert is_final(status) is final
