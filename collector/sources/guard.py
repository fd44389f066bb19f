"""Which addresses may be dialled: an address that somebody else chose must not reach into a private network.

Pure. It is asked where the socket connects, about resolved addresses, so that redirects, numbers written in odd ways
and names that resolve differently the second time are all covered.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from collector.errors import Condition, SourceError

# Python's own list of private networks grows from version to version; these are refused by all.
_NEVER = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "64:ff9b:1::/48",  # local translation to IPv4
        "100::/64",  # discard
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
    )
)
# IPv6 networks whose last four bytes are an IPv4 address, where the packets end.
_EMBEDDING = tuple(
    IPv6Network(network)
    for network in (
        "::/96",  # compatible
        "::ffff:0:0/96",  # mapped
        "::ffff:0:0:0/96",  # translated
        "64:ff9b::/96",  # NAT64: what every IPv4 host looks like in an IPv6-only network
    )
)


def is_private(ip: str) -> bool:
    """True for anything but a plain public address, and for what is no address at all."""
    try:
        address = ip_address(ip)
    except ValueError:
        return True
    if isinstance(address, IPv6Address):
        address = _embedded(address) or address
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or (isinstance(address, IPv6Address) and address.is_site_local)
        or any(address in network for network in _NEVER)
    )


def check_addresses(host: str, addresses: Iterable[str], *, allow_private: bool) -> None:
    """Refuses a host, with a SourceError, if any of its addresses is private and that is not allowed."""
    if allow_private:
        return
    for address in addresses:
        if is_private(address):
            raise SourceError(
                Condition.REFUSED_ADDRESS,
                f"{host} is at {address}, in a private network: "
                "if that is meant, set allow_private_network = true for this source",
            )


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that this one only wraps."""
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
