"""RTCP of two ends that report to each other."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtcpPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from media.webrtc.arrivals import Arrivals
from media.webrtc.packet import Packet
from media.webrtc.reports import Reports, Sent

NOW = 1_800_000_000.0


def test_a_report_tells_what_was_sent_and_received() -> None:
    arrivals = Arrivals(8000)
    for sequence in (1, 2, 4):
        arrivals.admit(Packet(0, sequence, sequence * 160, 9, b""), sequence * 0.02)
    report, name = RtcpPacket.parse(Reports().write(Sent(5, 1600, 10, 1600), arrivals, NOW))
    assert isinstance(report, RtcpSrPacket)
    assert (report.ssrc, report.sender_info.packet_count, report.sender_info.octet_count) == (5, 10, 1600)
    block = report.reports[0]
    assert (block.ssrc, block.packets_lost, block.fraction_lost, block.highest_sequence) == (9, 1, 64, 4)
    assert isinstance(name, RtcpSdesPacket)


def test_the_round_trip_is_found_by_two_ends_that_report() -> None:
    ours, theirs = Reports(), Reports()
    nobody, arrivals = Arrivals(8000), Arrivals(8000)
    arrivals.admit(Packet(0, 1, 1, 5, b""), 0)
    theirs.read(ours.write(Sent(5, 0, 1, 160), nobody, NOW), 9, NOW + 0.03)
    ours.read(theirs.write(Sent(9, 0, 1, 160), arrivals, NOW + 0.50), 5, NOW + 0.54)
    assert ours.round_trip == pytest.approx(0.07, abs=0.001)
    theirs.read(ours.write(Sent(5, 0, 1, 160), nobody, NOW + 1), 9, NOW + 1.01)
    ours.read(theirs.write(Sent(9, 0, 1, 160), arrivals, NOW + 1.50), 5, NOW + 1.50)
    assert ours.round_trip == pytest.approx(0.01, abs=0.001)
    assert ours.mean_round_trip == pytest.approx(0.04, abs=0.001)


def test_what_the_far_end_has_lost_is_known() -> None:
    ours = Reports()
    arrivals = Arrivals(8000)
    arrivals.admit(Packet(0, 1, 1, 5, b""), 0)
    arrivals.admit(Packet(0, 4, 4, 5, b""), 0)
    ours.read(Reports().write(Sent(9, 0, 0, 0), arrivals, NOW), 5, NOW)
    assert ours.far_lost == 2
    ours.read(Reports().write(Sent(9, 0, 0, 0), Arrivals(8000), NOW), 6, NOW)
    assert ours.far_lost == 2


@given(
    st.binary(max_size=120),
    st.sampled_from([b"", b"\x80\xc8\x00\x06", b"\x81\xc9\x00\x07", b"\x81\xca\x00\x02", b"\x8f\xce\x00\x04"]),
)
def test_any_bytes_are_read_or_passed_over(data: bytes, start: bytes) -> None:
    reports = Reports()
    reports.read(start + data, 5, NOW)
    assert 0 <= reports.round_trip < 10
