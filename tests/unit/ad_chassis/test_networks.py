"""What counts as one address."""

import pytest

from ad_chassis.networks import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%eth0", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%a/b%c", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7%eth0", "192.0.2.7"),
        ("testclient", "testclient"),
        ("a:b", "a:b"),
    ],
)
def test_who_has_a_network_cannot_take_another_address_of_it(address, network) -> None:
    assert network_of(address) == network
