"""Which addresses belong to the public internet: all that a URL of a user's may lead to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Spelled out rather than asked of ``is_global``, whose answers differ between versions of Python (multicast, NAT64).
# IANA's special-purpose registries, as of November 2026, and what is no unicast.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux takes it for loopback
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT; Alibaba's metadata server
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata servers of Google, Amazon and Microsoft
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata server
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # public by its number, and Azure's own inside of Azure
    )
)
# Of IPv6 what was given out for unicast (RFC 4291), less what is special in it. All that carries an IPv4 address is
# outside: mapped, compatible, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), or excepted: Teredo, 6to4.
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
# RFC 5214: interface identifiers that carry an IPv4 address, of one tunnel or another.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(address: str) -> bool:
    """Whether an address, as a socket names it, is one of the public internet's. False for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _NOT_PUBLIC_4)
    return _is_public_6(found)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None or address not in _PUBLIC_6:
        return False
    if any(address in network for network in _NOT_PUBLIC_6):
        return False
    return (int(address) >> 32) & 0xFFFF_FFFF not in _ISATAP
