"""RTP packets to bytes and back."""

from __future__ import annotations

from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from media.webrtc.packet import Packet, parse_packet, write_packet


def test_a_packet_is_the_one_that_aiortc_writes() -> None:
    theirs = RtpPacket(payload_type=111, marker=1, sequence_number=65535, timestamp=4294967295, ssrc=3, payload=b"abc")
    assert write_packet(111, True, 65535, 4294967295, 3, b"abc") == theirs.serialize()


def test_numbers_wrap() -> None:
    assert parse_packet(write_packet(0, False, 65536 + 4, (1 << 32) + 5, 6, b"x")) == Packet(0, 4, 5, 6, b"x")


def test_sources_extensions_and_padding_are_no_payload() -> None:
    header = bytes([0x80 | 0x20 | 0x10 | 2, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3])
    data = header + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"payload" + b"\x00\x02"
    assert parse_packet(data) == Packet(0, 1, 2, 3, b"payload")


@given(st.binary(max_size=80))
def test_any_bytes_are_a_packet_or_none(data: bytes) -> None:
    packet = parse_packet(data)
    assert packet is None or len(packet.payload) <= len(data) - 12


@given(
    st.binary(max_size=60), st.integers(0, 127), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF)
)
def test_what_is_written_is_what_is_read(payload: bytes, kind: int, sequence: int, timestamp: int, source: int) -> None:
    data = write_packet(kind, False, sequence, timestamp, source, payload)
    assert parse_packet(data) == Packet(kind, sequence, timestamp, source, payload)
