"""Descriptions of browsers, good and hostile, and ours as aiortc reads them."""

from __future__ import annotations

import dataclasses

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media.errors import DescriptionInvalid
from media.webrtc.description import Ours, parse_description, write_answer, write_offer

FINGERPRINT = ":".join(["AB"] * 32)
CHROMIUM = "\r\n".join(
    [
        "v=0",
        "o=- 4611731400430051336 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=extmap-allow-mixed",
        "a=msid-semantic: WMS stream",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0 111 63 9 8 13 110 126",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=ice-options:trickle",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=setup:actpass",
        "a=mid:0",
        "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=sendrecv",
        "a=msid:stream track",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:110 telephone-event/48000",
        "a=rtpmap:126 telephone-event/8000",
        "a=ssrc:1 cname:x",
        "",
    ]
)
CANDIDATE = "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0 network-id 1\r\n"
OURS = Ours(
    session=1,
    codecs=((0, "PCMU"), (111, "opus")),
    username="user",
    password="p" * 22,
    fingerprints=(("sha-256", FINGERPRINT),),
    setup="actpass",
    candidates=("f 1 udp 2130706431 192.0.2.1 20000 typ host",),
    address="192.0.2.1",
    port=20000,
    source=77,
)


def test_an_offer_of_chromium_is_understood() -> None:
    theirs = parse_description(CHROMIUM)
    assert theirs.codecs == ((0, "PCMU"), (111, "opus"))
    assert (theirs.username, theirs.password) == ("abcd", "abcdefghijklmnopqrstuv")
    assert theirs.fingerprints == (("sha-256", FINGERPRINT),)
    assert (theirs.setup, theirs.candidates, theirs.complete, theirs.lite) == ("actpass", (), False, False)
    assert theirs.sections[theirs.audio].mid == "0"


def test_line_feeds_alone_will_do() -> None:
    assert parse_description(CHROMIUM.replace("\r\n", "\n")) == parse_description(CHROMIUM)


def test_the_order_of_the_browser_is_kept() -> None:
    swapped = CHROMIUM.replace("SAVPF 0 111", "SAVPF 111 0")
    assert [name for _, name in parse_description(swapped).codecs] == ["opus", "PCMU"]


def test_attributes_of_the_session_hold_for_the_audio() -> None:
    line = f"a=fingerprint:sha-256 {FINGERPRINT}\r\n"
    moved = CHROMIUM.replace(line, "").replace("t=0 0\r\n", "t=0 0\r\n" + line)
    assert parse_description(moved).fingerprints == (("sha-256", FINGERPRINT),)


def test_candidates_with_addresses_over_udp_are_kept() -> None:
    others = (
        "a=candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active\r\n"
        "a=candidate:3 1 udp 2122260223 1d7e6a4c-0000.local 50001 typ host\r\n"
        "a=candidate:4 2 udp 2122260222 192.0.2.7 50002 typ host\r\n"
        "a=candidate:5 1 udp 2122260222 2001:db8::1 50003 typ srflx raddr 10.0.0.1 rport x\r\n"
        "a=candidate:6 1 udp 2122260222 192.0.2.7 0 typ host\r\n"
        "a=candidate:7 1 udp 2122260222 192.0.2.777 9 typ host\r\n"
    )
    theirs = parse_description(CHROMIUM + CANDIDATE + others + "a=end-of-candidates\r\n")
    assert theirs.candidates == (
        "1 1 udp 2122260223 192.0.2.7 50000 typ host",
        "5 1 udp 2122260222 2001:db8::1 50003 typ srflx",
    )
    assert theirs.complete


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no session description"),
        ("GET / HTTP/1.1", "no session description"),
        ("v=0\r\ns=-\r\n", "no audio"),
        (CHROMIUM.replace("m=audio", "m=video"), "no audio"),
        (CHROMIUM.replace("m=audio 9", "m=audio 0"), "no audio"),
        (CHROMIUM.replace("m=audio 9", "m=audio nine"), "malformed"),
        (CHROMIUM.replace("a=ice-ufrag:abcd", "a=ice-ufrag:a b"), "user name"),
        (CHROMIUM.replace("a=ice-pwd:", "a=ice-pwd:short\r\na=x:"), "password"),
        (CHROMIUM.replace("sha-256", "md5"), "fingerprint"),
        (CHROMIUM.replace("a=rtcp-mux", "a=x"), "RTCP"),
        (CHROMIUM.replace("actpass", "holdconn"), "DTLS"),
        (CHROMIUM.replace("a=mid:0", "a=mid:0\x00<b>"), "malformed name"),
        (CHROMIUM + CANDIDATE * 100, "more than 50 candidates"),
        (CHROMIUM + "a=x:" + "y" * 30_000, "more than 20000 characters"),
        (CHROMIUM + "a=x\r\n" * 1000, "more than 400 lines"),
        (CHROMIUM + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 9, "more than 8 sections"),
    ],
)
def test_a_description_that_is_unusable_says_why(text: str, reason: str) -> None:
    with pytest.raises(DescriptionInvalid, match=reason):
        parse_description(text)


@given(st.text(max_size=300), st.integers(0, len(CHROMIUM)), st.integers(0, 40))
def test_any_text_is_understood_or_refused(text: str, at: int, cut: int) -> None:
    for each in (text, CHROMIUM[:at] + text + CHROMIUM[at + cut :]):
        try:
            theirs = parse_description(each)
        except DescriptionInvalid:
            continue
        answer = write_answer(OURS, theirs)
        assert answer.count("\r\nm=") == len(theirs.sections)
        assert answer.replace("\r\n", "").isprintable()


def test_our_offer_is_one_that_aiortc_reads() -> None:
    media = SessionDescription.parse(write_offer(OURS)).media
    assert [each.kind for each in media] == ["audio"]
    assert [codec.name for codec in media[0].rtp.codecs] == ["PCMU", "opus"]
    assert media[0].ice_candidates[0].ip == "192.0.2.1"
    assert media[0].rtcp_mux
    assert media[0].msid == "strowger audio"


def test_an_answer_takes_the_audio_and_refuses_the_rest() -> None:
    offer = (
        CHROMIUM + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n"
    )
    text = write_answer(OURS, parse_description(offer))
    assert [(each.kind, each.port) for each in SessionDescription.parse(text).media] == [
        ("audio", 20000),
        ("video", 0),
        ("application", 0),
    ]
    assert "a=group:BUNDLE 0\r\n" in text
    assert text.endswith("\r\n")


def test_nobody_is_told_of_telephone_events() -> None:
    assert "telephone-event" not in write_offer(OURS) + write_answer(OURS, parse_description(CHROMIUM))


def test_an_address_of_ipv6_is_said_to_be_one() -> None:
    assert "c=IN IP6 2001:db8::1\r\n" in write_offer(dataclasses.replace(OURS, address="2001:db8::1"))
