from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, strategies as st

from dailies.domain.web.addresses import is_public


@given(st.ip_addresses())
def test_what_python_calls_global_is_all_that_may_be_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(str(address)) or (address.is_global and not address.is_multicast and not address.is_reserved)


@given(st.ip_addresses(v=4))
def test_no_address_is_public_by_being_wrapped(address: IPv4Address) -> None:
    number = int(address)
    for wrapped in (
        (0xFFFF << 32) | number,
        number,
        (0x64_FF9B << 96) | number,
        (0x64_FF9B_0001 << 80) | number,
        (0x2002 << 112) | (number << 80),
        (0x2001 << 112) | (number << 64),
        (0x2606_4700 << 96) | (0x5EFE << 32) | number,
    ):
        assert not is_public(str(IPv6Address(wrapped)))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"])
def test_the_internet_is_public(address: str) -> None:
    assert ip_address(address).is_global
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "2606:4700::1%eth0", "8.8.8", "8.8.8.08"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)
