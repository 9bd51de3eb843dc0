"""Frames of WebSockets: what is cut out and put together by hand is what the library reads and writes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, Protocol

from voice.web.frames import find_frame, text_frame

LONGEST = 100_000


@given(some.one_of(some.binary(max_size=400), some.integers(0, 70_000).map(bytes)))
def test_what_is_written_is_what_a_server_reads(text: bytes) -> None:
    server = Protocol(SERVER)
    server.receive_data(text_frame(text))
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.fin, bytes(frame.data)) == (Opcode.TEXT, True, text)


def test_no_key_is_used_again() -> None:
    keys = {text_frame(b"")[2:] for _ in range(5_000)}
    assert len(keys) > 4_990


@given(some.lists(some.tuples(some.sampled_from(list(Opcode)), some.integers(0, 70_000).map(bytes)), max_size=5), some.data())
def test_frames_are_found_where_they_are(frames: list[tuple[Opcode, bytes]], data: some.DataObject) -> None:
    parts = [(opcode, payload[:125] if opcode >= Opcode.CLOSE else payload) for opcode, payload in frames]
    wire = [Frame(opcode, payload).serialize(mask=False) for opcode, payload in parts]
    sent = b"".join(wire)
    place = 0
    for (_, payload), frame in zip(parts, wire, strict=True):
        cut = data.draw(some.integers(0, len(frame) - 1))
        assert find_frame(sent[: place + cut], place, LONGEST) is None
        assert find_frame(sent, place, LONGEST) == (place + len(frame) - len(payload), place + len(frame))
        place += len(frame)
    assert find_frame(sent, place, LONGEST) is None


def test_what_no_server_may_send_is_left_to_the_library_with_all_that_follows() -> None:
    masked = text_frame(b"hello")
    too_long = b"\x81\x7f" + (LONGEST + 1).to_bytes(8, "big")
    for wrong in (masked, text_frame(b"x" * 200), too_long):
        assert find_frame(b"ab" + wrong, 2, LONGEST) == (2, 2 + len(wrong))
