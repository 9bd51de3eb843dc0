"""A capture for SIPp to speak from: A-law noise in packets of 20 ms."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from media.g711 import encode_alaw

SECONDS = 8
_FRAME = 160
_LOCAL = bytes([127, 0, 0, 1])


def write_capture(path: Path) -> None:
    """Write the pcap file (libpcap's classic format, Ethernet framing)."""
    noise = np.random.default_rng(1).normal(0, 1500, SECONDS * 50 * _FRAME).astype(np.int16)
    speech = encode_alaw(noise).tobytes()
    packets = [_packet(number, speech[number * _FRAME : (number + 1) * _FRAME]) for number in range(SECONDS * 50)]
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    path.write_bytes(header + b"".join(packets))


def _packet(number: int, payload: bytes) -> bytes:
    rtp = struct.pack(">BBHII", 0x80, 8, number, number * _FRAME, 1) + payload
    udp = struct.pack(">HHHH", 40000, 40000, 8 + len(rtp), 0) + rtp
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, _LOCAL, _LOCAL) + udp
    frame = bytes(12) + b"\x08\x00" + ip
    seconds, microseconds = divmod(number * 20_000, 1_000_000)
    return struct.pack("<IIII", seconds, microseconds, len(frame), len(frame)) + frame
