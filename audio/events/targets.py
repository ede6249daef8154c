"""Where a webhook may lead: a public address on https, or a private one that the settings allow. Never to this machine.

A name is looked up once, all that it stands for is checked, and the connection is made to the address that was checked:
a name cannot stand for one thing when it is checked and for another when it is used.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from audio.errors import BadInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Target:
    """Where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def networks(setting: str) -> list[Network]:
    """Those of the setting `webhook_networks`, separated by commas. Raises BadInput."""
    try:
        return [ipaddress.ip_network(text.strip()) for text in setting.split(",") if text.strip()]
    except ValueError as exc:
        raise BadInput(f"webhook_networks must be networks such as 192.168.1.0/24: {exc}.") from exc


def check(url: str, allowed: Sequence[Network]) -> Target:
    """Where this URL leads now. Raises BadInput, for the field `url`, with what to do."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError as exc:
        raise _refused(f"This is no URL: {exc}.") from exc
    if not parts.hostname or not port or parts.username is not None or len(url) > 2000:
        raise _refused("This must be a URL such as https://example.org/hook, without a user in it.")
    addresses = [_plain(address) for address in _addresses(parts.hostname, port)]
    for address in addresses:
        _check_address(address, parts.scheme, allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, str(addresses[0]), path)


def _addresses(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as exc:
        raise _refused(f"The name {host[:80]} cannot be looked up: {exc}.") from exc
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


# IPv6 networks whose last four bytes are an IPv4 address: compatible, translated, NAT64 of the world and of a house.
_HOLD_IPV4 = [ipaddress.IPv6Network(n) for n in ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")]
_UNICAST = ipaddress.IPv6Network("2000::/3")  # what of IPv6 is public


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one is that IPv4 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if int(address) > 1 and any(address in network for network in _HOLD_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _check_address(address: Address, scheme: str, allowed: Sequence[Network]) -> None:
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified or _ours(address):
        raise _refused(f"{address} is this machine, or no address of a server: nothing is sent there.")
    if any(address in network for network in allowed if network.version == address.version):
        return
    if not address.is_global or (address.version == 6 and address not in _UNICAST):
        raise _refused(f"{address} is a private address: the setting webhook_networks may allow its network.")
    if scheme != "https":
        raise _refused("A public address must be reached by https.")


def _ours(address: Address) -> bool:
    """Whether it is an address of this machine: then one can bind to it."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _refused(sentence: str) -> BadInput:
    return BadInput(sentence, field="url")
