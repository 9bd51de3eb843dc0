"""RTCP of one browser (RFC 3550 section 6): what we tell of its stream, and what it tells of ours."""

from __future__ import annotations

from dataclasses import dataclass

from aiortc.rtp import (
    RtcpPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    clamp_packets_lost,
)

from media.webrtc.arrivals import Arrivals

_EPOCH = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
_CNAME = 1
_LONGEST_TRIP = 10.0
"""Seconds; more is nonsense."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What our stream has come to."""

    source: int
    """SSRC."""
    timestamp: int
    """Of the last packet."""
    packets: int
    octets: int


class Reports:
    """The conversation about two streams. Times are seconds since 1970."""

    def __init__(self) -> None:
        self.round_trip = 0.0
        """Seconds, the last one; 0: not known."""
        self._trips = (0, 0.0)
        """How many are known, and their sum."""
        self.far_lost = 0
        """Of our packets."""
        self._heard = (0, 0.0)
        """The middle of the NTP time of the last sender report, and when it came."""

    @property
    def mean_round_trip(self) -> float:
        """Seconds; 0: not known."""
        count, total = self._trips
        return total / count if count else 0.0

    def write(self, sent: Sent, arrivals: Arrivals, now: float) -> bytes:
        """A sender report with one block on the far end's stream, if there is one, and our name."""
        blocks = [self._block(arrivals, now)] if arrivals.source else []
        info = RtcpSenderInfo(_ntp(now), sent.timestamp & 0xFFFFFFFF, sent.packets & 0xFFFFFFFF, sent.octets & 0xFFFFFFFF)
        name = RtcpSourceInfo(ssrc=sent.source, items=[(_CNAME, b"strowger")])
        report = RtcpSrPacket(ssrc=sent.source, sender_info=info, reports=blocks)
        return bytes(report) + bytes(RtcpSdesPacket(chunks=[name]))

    def read(self, data: bytes, ours: int, now: float) -> None:
        """Learn from a compound packet about our stream; what is malformed is passed over."""
        try:
            packets = RtcpPacket.parse(data)
        except (ValueError, IndexError):
            return
        for packet in packets:
            if isinstance(packet, RtcpSrPacket):
                self._heard = (packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF, now)
            if isinstance(packet, RtcpSrPacket | RtcpRrPacket):
                for block in packet.reports:
                    if block.ssrc == ours:
                        self._learn(block, now)

    def _block(self, arrivals: Arrivals, now: float) -> RtcpReceiverInfo:
        middle, came = self._heard
        return RtcpReceiverInfo(
            ssrc=arrivals.source,
            fraction_lost=arrivals.fraction_lost(),
            packets_lost=clamp_packets_lost(arrivals.lost),
            highest_sequence=arrivals.highest,
            jitter=int(arrivals.jitter) & 0xFFFFFFFF,
            lsr=middle,
            dlsr=min(0xFFFFFFFF, max(0, int((now - came) * 65536))) if middle else 0,
        )

    def _learn(self, block: RtcpReceiverInfo, now: float) -> None:
        self.far_lost = max(0, block.packets_lost)
        if block.lsr:
            trip = ((_ntp(now) >> 16) - block.lsr - block.dlsr & 0xFFFFFFFF) / 65536
            if trip < _LONGEST_TRIP:
                self.round_trip = trip
                self._trips = (self._trips[0] + 1, self._trips[1] + trip)


def _ntp(now: float) -> int:
    """64 bits, the upper half seconds since 1900."""
    return int((now + _EPOCH) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
