"""Where a client's answers may go."""

import pytest

from ad_auth.domain.clients import address_of, known_clients


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("http://127.0.0.1:1/callback", True),
        ("http://127.0.0.1:65535/callback", True),
        ("http://[::1]:8123/callback", True),
        ("http://127.0.0.1:0/callback", False),
        ("http://127.0.0.1:65536/callback", False),
        ("http://localhost:8123/callback", False),
        ("https://127.0.0.1:8123/callback", False),
        ("http://127.0.0.1/callback", False),
        ("http://127.0.0.1:8123/callback/", False),
        ("http://127.0.0.1:8123/callback?x=1", False),
        ("http://127.0.0.1:8123/callback#x", False),
        ("http://127.0.0.1:8123@evil.example/callback", False),
        ("http://127.0.0.1:8123\n/callback", False),
        ("http://127.0.0.1:8123/callback\n", False),
        ("http://127.0.0.12:8123/callback", False),
        ("javascript:alert(1)", False),
        ("", False),
        ("http://127.0.0.1:8123/callback" + "x" * 600, False),
    ],
)
def test_rfc8252_7_3_the_command_line_takes_codes_at_any_port_of_loopback_alone(address, taken) -> None:
    assert known_clients(None)["cli"].redirects_to(address) is taken


@pytest.mark.parametrize(
    ("public_url", "address", "taken"),
    [
        ("https://ad.example", "https://ad.example/", True),
        ("https://ad.example", "https://ad.example", False),
        ("https://ad.example", "https://AD.example/", False),
        ("https://ad.example", "https://ad.example/?x=1", False),
        ("https://ad.example", "https://ad.example.evil/", False),
        ("https://ad.example", "http://127.0.0.1:8000/", False),
        (None, "http://127.0.0.1:8000/", True),
        (None, "http://localhost:8000/", True),
        (None, "http://localhost/", True),
        (None, "http://localhost:0/", False),
        (None, "http://evil.example/", False),
    ],
)
def test_rfc9700_4_1_3_the_dashboard_takes_codes_at_its_own_address_alone(public_url, address, taken) -> None:
    assert known_clients(public_url)["dashboard"].redirects_to(address) is taken


@pytest.mark.parametrize(
    ("issuer", "address"),
    [("https://ad.example", "https://ad.example"), ("anomaly_detection", None), ("https:", None)],
)
def test_rfc8414_2_an_issuer_is_an_address_or_a_name(issuer, address) -> None:
    assert address_of(issuer) == address
