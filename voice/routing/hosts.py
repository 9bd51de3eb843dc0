"""The addresses of this machine, by which callers may name us where we listen on all of them."""

from __future__ import annotations

import fcntl
import socket
import struct
from ipaddress import IPv6Address
from pathlib import Path

SIOCGIFADDR = 0x8915
"""See netdevice(7)."""
LONGEST_NAME = 15


def machine_addresses(six: Path = Path("/proc/net/if_inet6")) -> tuple[str, ...]:
    """One IPv4 address of each interface, and all of IPv6 but those of one link."""
    found = [address for _, name in socket.if_nameindex() if (address := _address(name))]
    try:
        lines = six.read_text().splitlines()
    except OSError:
        lines = []
    others = [IPv6Address(int(line.split()[0], 16)) for line in lines]
    return (*found, *(str(address) for address in others if not address.is_link_local))


def _address(name: str) -> str:
    """The IPv4 address of an interface; empty when it has none."""
    asked = struct.pack("256s", name.encode()[:LONGEST_NAME])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            return socket.inet_ntoa(fcntl.ioctl(any_socket.fileno(), SIOCGIFADDR, asked)[20:24])
        except OSError:
            return ""
