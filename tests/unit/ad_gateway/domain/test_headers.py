"""Which headers pass the gateway."""

import pytest

from ad_gateway.domain.headers import accepts_gzip, answered, passed_on, read, secured


def test_headers_of_the_connection_and_those_that_it_names_stay_behind() -> None:
    given = [
        (b"connection", b"keep-alive, X-Internal"),
        (b"x-internal", b"1"),
        (b"connection", b"X-Other"),
        (b"x-other", b"2"),
        (b"te", b"trailers"),
        (b"if-match", b"3"),
        (b"host", b"ad.example"),
    ]
    assert passed_on(read(given), "198.51.100.7", "https") == {
        "if-match": "3",
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-proto": "https",
        "x-forwarded-host": "ad.example",
    }


def test_of_headers_with_one_name_the_first_is_looked_at_and_passed_on() -> None:
    given = [(b"content-encoding", b"identity"), (b"content-encoding", b"br")]
    assert read(given) == {"content-encoding": "identity"}
    assert passed_on(read(given), "", "http")["content-encoding"] == "identity"


@pytest.mark.parametrize(
    "name", ["x-tenant", "x-forwarded-host", "x-forwarded-for", "forwarded", "x-real-ip", "traceparent"]
)
def test_what_only_the_gateway_may_say_is_not_taken_from_outside(name: str) -> None:
    assert "forged" not in passed_on({name: "forged"}, "198.51.100.7", "http").values()


def test_answers_keep_their_own_headers() -> None:
    assert answered([(b"ETag", b"1"), (b"Server", b"x"), (b"Connection", b"close")]) == [(b"etag", b"1")]


def test_every_answer_says_what_browsers_heed_unless_it_says_it_itself() -> None:
    own = [(b"content-security-policy", b"default-src 'self'"), (b"cache-control", b"no-cache")]
    headers = dict(secured(own, "http"))
    assert headers[b"content-security-policy"] == b"default-src 'self'"
    assert headers[b"cache-control"] == b"no-cache"
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert dict(secured([], "http"))[b"cache-control"] == b"no-store"


def test_strict_transport_is_asked_for_over_https_alone() -> None:
    assert b"strict-transport-security" not in dict(secured([], "http"))
    assert b"max-age=31536000" in dict(secured([], "https"))[b"strict-transport-security"]


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
        ("identity", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whom_takes_it(value: str, taken: bool) -> None:
    assert accepts_gzip(value) is taken
