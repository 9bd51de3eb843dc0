"""Why there was no audio, in a sentence."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from sip.quality import Quality
from voice.story.diagnosis import explain
from voice.story.journal import Entry

GOOD = Quality(500, 500, 0, 0, 0, 2.0, 20.0, "PCMU", "203.0.113.9:4000", "203.0.113.9:4000")
ANSWERED = Entry(1.0, "status", {"status": "in-progress"})


ENDED = Entry(9.1, "ended", {"code": 200})


def described(direction: str, address: str, *more: str, peer: str = "203.0.113.9:5060", first: str = "SIP/2.0 200 OK") -> Entry:
    sdp = "\r\n".join(["v=0", f"c=IN IP4 {address}", "m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000", *more])
    return Entry(0.5, "sip", {"direction": direction, "peer": peer, "text": f"{first}\r\n\r\n{sdp}\r\n"})


def counted(quality: Quality) -> Entry:
    return Entry(9.0, "quality", {**asdict(quality), "loss": quality.loss, "mos": quality.mos})


def lately(**facts: float) -> Entry:
    return Entry(9.0, "quality", {**counted(GOOD).data, **facts})


def levels(heard: str, said: str) -> Entry:
    return Entry(2.0, "levels", {"heard": heard, "said": said})


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([described("out", "10.0.0.5"), ANSWERED], "external_address"),
        ([described("out", "198.51.100.1"), ANSWERED, counted(replace(GOOD, received=0, heard_from=""))], "a firewall"),
        (
            [ANSWERED, counted(replace(GOOD, received=0, heard_from="", declared="192.168.1.7:4000"))],
            "a private address: a NAT between us",
        ),
        ([described("in", "203.0.113.9", "a=sendonly"), ANSWERED, counted(GOOD)], "on hold"),
        ([described("in", "0.0.0.0"), ANSWERED, counted(GOOD)], "on hold"),
        ([ANSWERED, counted(replace(GOOD, lost=100))], "17 % of the far end's packets were lost"),
        ([ANSWERED, counted(replace(GOOD, jitter_ms=90.0))], "90 ms of jitter"),
        ([ANSWERED, counted(replace(GOOD, sent=0))], "takes no audio"),
        ([ANSWERED, counted(GOOD), ENDED], "Audio went both ways: 500 packets in, 500 out, 0.0 % lost"),
        ([ANSWERED, counted(GOOD)], "Audio goes both ways: 500 packets in, 500 out, 0.0 % lost"),
        ([ANSWERED, counted(replace(GOOD, received=0, heard_from="", declared=""))], "to which we sent 500 packets: a firewall"),
        ([ANSWERED, counted(replace(GOOD, received=0))], "Packets come from 203.0.113.9:4000, but none that could be taken"),
        ([ANSWERED, counted(replace(GOOD, discarded=500))], "could not be played"),
        ([ANSWERED, lately(recent_received=0)], "has fallen silent: 500 packets"),
        ([ANSWERED, lately(recent_received=10, recent_loss=0.5)], "50 % of the far end's packets were lost"),
        ([ANSWERED, counted(replace(GOOD, heard_from="203.0.113.9:7777"))], "from 203.0.113.9:7777 instead of 203.0.113.9:4000"),
        ([ANSWERED, counted(GOOD), levels(heard="A" * 60, said="z" * 60)], "its microphone is muted"),
        ([ANSWERED, counted(GOOD), levels(heard="z" * 60, said="A" * 60)], "we have sent it silence alone"),
        ([ANSWERED, counted(GOOD), levels(heard="A" * 50, said="A" * 50)], "Audio goes both ways"),
        ([ANSWERED], "just been answered"),
        ([ANSWERED, ENDED], "has ended without any audio"),
        ([], "never answered"),
        (
            [
                described("in", "203.0.113.9", "a=rtpmap:0 X-ODD/8000", first="INVITE sip:a@b SIP/2.0"),
                Entry(
                    0.6,
                    "sip",
                    {"direction": "out", "peer": "203.0.113.9:5060", "text": "SIP/2.0 488 Not Acceptable Here\r\n\r\n"},
                ),
            ],
            "the far end names X-ODD",
        ),
    ],
)
def test_the_likeliest_cause_is_named(entries: list[Entry], said: str) -> None:
    assert said in explain(entries)


def test_opinion_falls_with_loss_and_delay() -> None:
    lossy = [replace(GOOD, lost=lost).mos for lost in (0, 5, 25, 100, 500)]
    late = [replace(GOOD, round_trip_ms=delay).mos for delay in (0.0, 200.0, 500.0, 1500.0)]
    for opinions in (lossy, late):
        assert opinions == sorted(opinions, reverse=True)
        assert len(set(opinions)) == len(opinions)
    assert 4.2 < lossy[0] < 4.5
    assert replace(GOOD, received=0).mos == 0
