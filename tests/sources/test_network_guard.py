"""Which addresses may be dialled."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import Condition, SourceError
from collector.sources.guard import check_addresses, is_private

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:0a00:0001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "3fff::1",
    "5f00::1",
    "no address",
    "",
)
PUBLIC = (
    "8.8.8.8",
    "93.184.216.34",
    "100.128.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:0808:0808::1",
)


@pytest.mark.parametrize("ip", PRIVATE)
def test_an_address_that_is_not_plainly_public_is_private(ip: str) -> None:
    assert is_private(ip)


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_address_is_not_private(ip: str) -> None:
    assert not is_private(ip)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_stays_what_it_is_in_every_wrapping(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    wrapped = [
        ipaddress.IPv6Address(0xFFFF_0000_0000 | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ]
    assert {is_private(str(address)) for address in wrapped} == {is_private(str(ip))}


@given(st.text())
def test_no_text_is_too_odd_to_be_judged(text: str) -> None:
    assert is_private(text) in {True, False}


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(SourceError, match="allow_private_network = true") as caught:
        check_addresses("trap.example", ["8.8.8.8", "10.0.0.1"], allow_private=False)
    assert caught.value.condition is Condition.REFUSED_ADDRESS
    assert "trap.example" in str(caught.value)


def test_a_private_address_is_dialled_where_that_is_meant() -> None:
    check_addresses("localhost", ["127.0.0.1", "::1"], allow_private=True)
