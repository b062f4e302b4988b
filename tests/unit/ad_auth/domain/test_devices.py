"""The codes of people."""

import pytest

from ad_auth.domain.devices import LETTERS, canonical_code, new_user_code, shown_code


def test_rfc8628_6_1_a_code_is_typed_in_any_way_and_has_no_vowels() -> None:
    code = new_user_code()
    assert len(code) == 8
    assert set(code) <= set(LETTERS)
    assert not set("AEIOUY01") & set(LETTERS)
    for typed in (code, shown_code(code), code.lower(), f" {code[:3]} {code[3:]}. "):
        assert canonical_code(typed) == code


@pytest.mark.parametrize("typed", ["", "BCDF-GHJ", "BCDF-GHJKL", "é" * 8])
def test_a_code_of_another_length_stays_wrong(typed) -> None:
    assert len(canonical_code(typed)) != 8
