"""RTP packets, as they are before encryption (RFC 3550 section 5.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of one stream."""

    payload_type: int
    sequence: int
    """16 bits."""
    timestamp: int
    """32 bits."""
    source: int
    """SSRC."""
    payload: bytes


def parse_packet(data: bytes) -> Packet | None:
    """The packet without its extensions and padding, or None when it is none."""
    if len(data) < _HEADER.size:
        return None
    flags, kind, sequence, timestamp, source = _HEADER.unpack_from(data)
    if flags >> 6 != 2:
        return None
    start, end = _HEADER.size + 4 * (flags & 15), len(data)
    if flags & 0x10:  # a header extension: 16 bits of its own, then its length in words of 32 bits
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if flags & 0x20:
        end -= data[-1]
    return Packet(kind & 0x7F, sequence, timestamp, source, data[start:end]) if start <= end else None


def write_packet(payload_type: int, marker: bool, sequence: int, timestamp: int, source: int, payload: bytes) -> bytes:
    """A packet without extensions; sequence and timestamp may be larger than their fields."""
    kind = payload_type | (0x80 if marker else 0)
    return _HEADER.pack(_VERSION, kind, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, source) + payload
