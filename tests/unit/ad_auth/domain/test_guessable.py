"""Passwords that are long and still guessed first."""

import time

import pytest

from ad_auth.domain.common_passwords import COMMON
from ad_auth.domain.guessable import guessable


@pytest.mark.parametrize(
    "password",
    [
        "Password1234!",
        "P@ssw0rd2024!!",
        "passwordpassword",
        "ＰａｓｓＷｏｒｄ１２３４",
        "anomaly_detection",
        "admin administrator",
        "ann.smith1989",
        "smith-smith-12",
        "qwertyuiop123",
        "poiuytrewqlkjh",
        "1qaz2wsx3edc",
        "abcdefghijkl",
        "aaaaaaaaaaaaaaaa",
        "xyz!xyz!xyz!xyz!",
        "hugohugohugo",
        "012345678901",
        "8274019385 617",
        "2026-11-23 10:00",
        "michaeljackson",
        "Summer2026Summer",
    ],
)
def test_what_is_guessed_first_is_known(password) -> None:
    assert guessable(password, "ann.smith@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "another horse battery",
        "x7Gq-99vLp-2w",
        "Tr0ub4dor&3xyz",
        "паровоз на крыше",
        "我的密码是一只很大的猫咪呀",
        "82740193856172940583",
        "the admin has left the building",
    ],
)
def test_what_somebody_thought_of_is_taken(password) -> None:
    assert not guessable(password, "ann.smith@example.org")


def test_the_list_holds_what_the_rules_do_not_find() -> None:
    assert "christopher1" in COMMON
    assert guessable("Christopher1", "ann")
    assert all(len(each) >= 12 for each in COMMON)


@pytest.mark.parametrize("text", ["ab" * 512, "a" * 1024, "abcab" * 204, "".join(map(chr, range(200, 1224)))])
def test_no_password_takes_long_to_look_at(text) -> None:
    started = time.process_time()
    guessable(text, "ann")
    assert time.process_time() - started < 0.5
