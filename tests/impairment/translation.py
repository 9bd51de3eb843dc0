"""A NAT for UDP: one outside port for each inside one, open to whom it has written to (RFC 4787: address-dependent filtering). Pure."""

from __future__ import annotations

import ipaddress
import struct

UDP = 17
FIRST_PORT = 40_000
_ADDRESSES = slice(12, 20)


class Translation:
    """Packets are IPv4; what is no UDP goes nowhere."""

    def __init__(self, outside: str) -> None:
        self._outside = ipaddress.ip_address(outside).packed
        self._ports: dict[tuple[bytes, int], int] = {}
        self._insides: dict[int, tuple[bytes, int]] = {}
        self._known: set[tuple[int, bytes]] = set()
        self._next = FIRST_PORT

    def move(self, outside: str) -> None:
        """Have another address from now on, and other ports: what is sent to the old ones is lost."""
        self._outside = ipaddress.ip_address(outside).packed
        self._ports.clear()
        self._insides.clear()
        self._known.clear()

    def go_out(self, packet: bytes) -> bytes | None:
        """With our address and a port of ours as its source."""
        if (at := _udp(packet)) is None:
            return None
        inside = packet[12:16], int.from_bytes(packet[at : at + 2])
        if inside not in self._ports:
            self._ports[inside], self._insides[self._next] = self._next, inside
            self._next += 1
        port = self._ports[inside]
        self._known.add((port, packet[16:20]))
        return _readdressed(packet, at, self._outside + packet[16:20], (port, int.from_bytes(packet[at + 2 : at + 4])))

    def come_in(self, packet: bytes) -> bytes | None:
        """To whom it is meant; None when nobody has written to its source."""
        if (at := _udp(packet)) is None:
            return None
        port = int.from_bytes(packet[at + 2 : at + 4])
        if packet[16:20] != self._outside or (port, packet[12:16]) not in self._known:
            return None
        address, inside = self._insides[port]
        return _readdressed(packet, at, packet[12:16] + address, (int.from_bytes(packet[at : at + 2]), inside))


def _udp(packet: bytes) -> int | None:
    """Where the UDP header begins."""
    if len(packet) < 28 or packet[0] >> 4 != 4 or packet[9] != UDP:
        return None
    return (packet[0] & 15) * 4


def _readdressed(packet: bytes, at: int, addresses: bytes, ports: tuple[int, int]) -> bytes:
    head = bytearray(packet[:at])
    head[_ADDRESSES] = addresses
    head[10:12] = b"\0\0"
    head[10:12] = _checksum(bytes(head)).to_bytes(2)
    # A UDP checksum of zero is none (RFC 768).
    return bytes(head) + struct.pack("!HH", *ports) + packet[at + 4 : at + 6] + b"\0\0" + packet[at + 8 :]


def _checksum(head: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
