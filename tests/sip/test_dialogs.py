from __future__ import annotations

from sip.message import Message, parse_message
from sip.pjsua.dialogs import MOST_EARLY, Dialogs

SDP = "v=0\r\nm=audio 9 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"


def answer(call_id: str, method: str = "INVITE") -> Message:
    head = f"SIP/2.0 200 OK\r\nFrom: <sip:a@b>;tag=near\r\nTo: <sip:c@d>;tag=far\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n"
    return parse_message(f"{head}Content-Type: application/sdp\r\n\r\n{SDP}")


def test_an_answer_that_comes_before_the_call_id_is_known_is_read_once_it_is() -> None:
    dialogs = Dialogs()
    assert dialogs.of_response(answer("fast")) is None
    assert dialogs.of_response(answer("another")) is None
    dialog = dialogs.open(1, "fast", outbound=True)
    assert dialog.takes_digits
    assert (dialog.heard, dialog.near_tag, dialog.far_tag) == (True, "near", "far")


def test_an_inbound_leg_reads_no_answers_of_others() -> None:
    dialogs = Dialogs()
    dialogs.of_response(answer("same"))
    assert not dialogs.open(1, "same", outbound=False).heard


def test_strangers_who_answer_what_nobody_asked_take_little_room() -> None:
    dialogs = Dialogs()
    for number in range(4 * MOST_EARLY):
        dialogs.of_response(answer(str(number), "OPTIONS" if number % 2 else "INVITE"))
    assert not dialogs.open(1, "1", outbound=True).heard, "no INVITE"
    assert not dialogs.open(2, "0", outbound=True).heard, "forgotten"
    assert dialogs.open(3, str(4 * MOST_EARLY - 2), outbound=True).heard
