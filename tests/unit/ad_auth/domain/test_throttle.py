"""How long logins wait."""

import pytest

from ad_auth.domain.throttle import delay_seconds, network_of


def test_the_wait_doubles_after_the_first_tries_up_to_a_minute() -> None:
    assert [delay_seconds(tries) for tries in range(13)] == [0, 0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 64, 64]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_a_network_cannot_take_another_address_of_it(address, network) -> None:
    assert network_of(address) == network
