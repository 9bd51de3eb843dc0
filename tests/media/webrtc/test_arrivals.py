"""The place of packets on the time line, and what is counted of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.webrtc.arrivals import Arrivals
from media.webrtc.packet import Packet

CLOCK = 8000


def packet(sequence: int, timestamp: int | None = None, source: int = 7) -> Packet:
    return Packet(0, sequence & 0xFFFF, (sequence * 160 if timestamp is None else timestamp) & 0xFFFFFFFF, source, b"")


def admit(arrivals: Arrivals, *sequences: int) -> list[int | None]:
    return [arrivals.admit(packet(each), each * 0.02) for each in sequences]


def test_positions_count_from_the_first_packet() -> None:
    assert admit(Arrivals(CLOCK), 100, 101, 103) == [0, 160, 480]


def test_positions_go_on_where_numbers_and_timestamps_wrap() -> None:
    arrivals = Arrivals(CLOCK)
    places = [
        arrivals.admit(Packet(0, (0xFFFE + n) & 0xFFFF, (0xFFFFFFFF - 100 + 160 * n) & 0xFFFFFFFF, 7, b""), n * 0.02)
        for n in range(5)
    ]
    assert places == [0, 160, 320, 480, 640]
    assert (arrivals.expected, arrivals.lost) == (5, 0)


def test_a_packet_is_admitted_once() -> None:
    arrivals = Arrivals(CLOCK)
    assert admit(arrivals, 1, 2, 2, 1, 3) == [0, 160, None, None, 320]
    assert (arrivals.received, arrivals.duplicates, arrivals.lost) == (3, 2, 0)


def test_a_packet_out_of_order_is_no_loss() -> None:
    arrivals = Arrivals(CLOCK)
    assert admit(arrivals, 1, 3, 2) == [0, 320, 160]
    assert arrivals.lost == 0


def test_what_is_missing_is_lost() -> None:
    arrivals = Arrivals(CLOCK)
    admit(arrivals, 1, 2, 5, 6)
    assert (arrivals.expected, arrivals.lost) == (6, 2)
    assert arrivals.fraction_lost() == 2 * 256 // 6
    admit(arrivals, 7, 8)
    assert arrivals.fraction_lost() == 0


def test_what_was_counted_stays_when_the_codec_changes() -> None:
    arrivals = Arrivals(CLOCK)
    admit(arrivals, 1, 2, 4, 4)
    arrivals.jitter = 80.0
    arrivals.change_clock(6 * CLOCK)
    assert (arrivals.received, arrivals.expected, arrivals.lost, arrivals.duplicates) == (3, 4, 1, 1)
    assert arrivals.jitter / arrivals.clock == 0.01
    place = arrivals.admit(packet(5, 5 * 960), 0.1)
    assert arrivals.admit(packet(7, 7 * 960), 0.14) == (place or 0) + 2 * 960
    assert (arrivals.received, arrivals.expected, arrivals.lost) == (5, 7, 2)


def test_jitter_is_that_of_the_rfc() -> None:
    arrivals = Arrivals(CLOCK)
    for n in range(400):
        arrivals.admit(packet(n), n * 0.02 + (0.01 if n % 2 else 0))
    assert abs(arrivals.jitter / CLOCK - 0.01) < 0.001


def test_another_stream_goes_on_behind_the_one_before() -> None:
    arrivals = Arrivals(CLOCK)
    admit(arrivals, 1, 2)
    assert arrivals.admit(packet(9000, 5, source=8), 0.06) == 320
    assert arrivals.admit(packet(9001, 165, source=8), 0.08) == 480
    assert (arrivals.source, arrivals.lost) == (8, 0)


def test_a_time_line_that_begins_anew_goes_on_behind_the_one_before() -> None:
    arrivals = Arrivals(CLOCK)
    admit(arrivals, 1, 2)
    assert arrivals.admit(packet(3, 0x7000_0000), 0.06) == 320
    assert arrivals.admit(packet(4, 0x7000_0000 + 160), 0.08) == 480


def test_a_pause_of_a_second_is_a_pause() -> None:
    arrivals = Arrivals(CLOCK)
    admit(arrivals, 1)
    assert arrivals.admit(packet(2, 160 + 8000), 1.02) == 8000


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 2)), max_size=200))
def test_whatever_comes_the_counters_stay_sane(packets: list[tuple[int, int, int]]) -> None:
    arrivals = Arrivals(CLOCK)
    for at, (sequence, timestamp, source) in enumerate(packets):
        arrivals.admit(packet(sequence, timestamp, source), at * 0.02)
        assert 0 <= arrivals.lost <= arrivals.expected
        assert 0 <= arrivals.jitter <= CLOCK
        assert 0 <= arrivals.fraction_lost() <= 255
    assert arrivals.received + arrivals.duplicates == len(packets)
