"""What counts as one address, for whoever holds something against one."""

import ipaddress


def network_of(address: str) -> str:
    """What one subscriber is given: an address of IPv4, the /64 of one of IPv6; any other text is itself."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    # A listener for both kinds calls those of IPv4 `::ffff:192.0.2.1`.
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{ipaddress.IPv6Address(int(found) >> 64 << 64)}/64"
