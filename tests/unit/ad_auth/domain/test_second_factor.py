"""Codes of the second factor."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ad_auth.domain.second_factor import (
    SecondFactor,
    address_for_apps,
    code_at,
    is_code,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    step_of,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
FACTOR = SecondFactor("default", "0f", RFC_SECRET, NOW, NOW)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds, code) -> None:
    assert code_at(RFC_SECRET, seconds // 30).decode() == code
    assert step_of(FACTOR, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


def test_a_code_is_good_in_its_step_and_the_two_beside_it() -> None:
    codes = {away: code_at(RFC_SECRET, STEP + away).decode() for away in range(-3, 4)}
    good = [away for away, code in codes.items() if step_of(FACTOR, code, NOW) is not None]
    assert good == [-1, 0, 1]


def test_a_code_that_was_used_and_those_before_it_are_good_no_more() -> None:
    used = replace(FACTOR, last_step=STEP)
    assert step_of(used, code_at(RFC_SECRET, STEP).decode(), NOW) is None
    assert step_of(used, code_at(RFC_SECRET, STEP - 1).decode(), NOW) is None
    assert step_of(used, code_at(RFC_SECRET, STEP + 1).decode(), NOW) == STEP + 1
    assert step_of(used, code_at(RFC_SECRET, STEP + 1).decode(), NOW + timedelta(seconds=30)) == STEP + 1


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "٣٤٥٦٧٨", "\udc80"])
def test_other_texts_are_no_code(code) -> None:
    assert step_of(FACTOR, code, NOW) is None


def test_a_code_may_be_typed_with_a_space() -> None:
    code = code_at(RFC_SECRET, STEP).decode()
    assert step_of(FACTOR, f"{code[:3]} {code[3:]}", NOW) == STEP


def test_a_secret_is_160_bits_and_each_is_another() -> None:
    assert len(base64.b32decode(new_secret())) == 20
    assert len({new_secret() for _ in range(50)}) == 50
    assert "secret" not in repr(FACTOR).replace("secret=", "")
    assert RFC_SECRET not in repr(FACTOR)


def test_recovery_codes_are_told_from_those_of_an_app_and_are_the_same_however_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    assert not any(map(is_code, codes))
    assert is_code("123 456")
    assert recovery_hash(codes[0]) == recovery_hash(f" {codes[0].upper().replace('-', ' ')}")
    assert recovery_hash(codes[0]) != recovery_hash(codes[1])


@pytest.mark.parametrize(("tenant", "account"), [("default", "ann"), ("acme", "ann (acme)")])
def test_an_app_reads_who_and_where_it_is_for(tenant, account) -> None:
    parts = urlsplit(address_for_apps(RFC_SECRET, "ann", tenant, "default").replace("%20", " "))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parts.path.replace("%28", "(").replace("%29", ")") == f"/anomaly_detection:{account}"
    query = parse_qs(parts.query)
    assert (query["secret"], query["issuer"], query["period"]) == (
        [RFC_SECRET],
        ["anomaly_detection"],
        ["30"],
    )
