"""How long logins wait after failures."""

import ipaddress

FREE = 5
"""So many tries follow one another at once: who mistypes is not to notice."""
MOST_SECONDS = 64


def delay_seconds(tries: int) -> int:
    """How long the next try waits after so many without a success: nothing, then twice as long each time."""
    return 0 if tries < FREE else min(2 ** (tries - FREE + 1), MOST_SECONDS)


def network_of(address: str) -> str:
    """What one subscriber is given: an address of IPv4, the /64 of one of IPv6; any other text is itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), 64), strict=False))
