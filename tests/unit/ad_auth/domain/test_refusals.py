"""Refusals carry the codes of RFC 6749."""

from ad_auth.domain.refusals import InvalidClient, InvalidGrant, InvalidRequest, UnsupportedGrant


def test_each_refusal_has_the_code_of_rfc_6749_section_5_2() -> None:
    kinds = (InvalidRequest, UnsupportedGrant, InvalidGrant, InvalidClient)
    assert [kind.error for kind in kinds] == [
        "invalid_request",
        "unsupported_grant_type",
        "invalid_grant",
        "invalid_client",
    ]
