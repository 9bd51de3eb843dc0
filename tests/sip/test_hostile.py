"""What strangers send: after each of it the endpoint still answers."""

from __future__ import annotations

import asyncio
import random

import pytest

from sip.events import Answered, Digit, Ended
from tests.sip.conftest import RealNetwork
from tests.sip.wire import AUDIO, SDP, Wire, lives, say_over_tcp

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def ask(wire: Wire, text: str) -> int:
    return (await asyncio.to_thread(wire.ask, text)).code


async def test_options_describe_the_endpoint(wire: Wire) -> None:
    answer = await asyncio.to_thread(wire.options)
    assert answer.code == 200
    assert "INVITE" in answer.header("allow")
    assert answer.header("accept") == "application/sdp"


async def test_options_tell_when_no_calls_are_taken(wire: Wire, real_network: RealNetwork) -> None:
    real_network.near.endpoint.set_available(False)
    answer = await asyncio.to_thread(wire.options)
    real_network.near.endpoint.set_available(True)
    assert answer.code == 503
    assert int(answer.header("retry-after")) > 0
    assert await lives(wire)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("SUBSCRIBE", 489),
        ("REGISTER", 403),
        ("MESSAGE", 405),
        ("PUBLISH", 405),
        ("NOTIFY", 481),
        ("FROBNICATE", 405),
        ("REFER", 603),
    ],
)
async def test_methods_that_are_no_calls_are_refused(wire: Wire, method: str, code: int) -> None:
    fields = {"SUBSCRIBE": ("Event: presence",), "REFER": ("Refer-To: <sip:x@127.0.0.1>",)}.get(method, ())
    assert await ask(wire, wire.request(method, "", *fields)) == code
    assert await lives(wire)


@pytest.mark.parametrize("method", ["SUBSCRIBE", "REFER", "MESSAGE"])
async def test_a_forged_dialog_opens_no_other_door(wire: Wire, method: str) -> None:
    assert await ask(wire, wire.request(method, "", "Event: presence", to_tag="forged")) >= 400
    assert await lives(wire)


@pytest.mark.parametrize("method", ["BYE", "INFO", "UPDATE", "REFER", "NOTIFY"])
async def test_request_of_an_unknown_dialog_is_refused(wire: Wire, method: str) -> None:
    assert await ask(wire, wire.request(method, to_tag="unknown")) == 481
    assert await lives(wire)


FORMATS = " ".join(str(number % 128) for number in range(200))
ABSURD = {
    "5 media lines": SDP + AUDIO * 5,
    "17 media lines": SDP + AUDIO * 17,
    "100 media lines": SDP + "m=audio 9 RTP/AVP 0\r\n" * 100,
    "100 bare media lines": SDP + "m=audio 9 RTP/AVP 0\n" * 100,
    "200 formats": SDP + f"m=audio 9 RTP/AVP {FORMATS}\r\n",
    "ptime 0": SDP + AUDIO + "a=ptime:0\r\n",
    "packets that cannot be sent": SDP + AUDIO + "a=ptime:190\r\n",
    "ptime huge": SDP + AUDIO + "a=ptime:65535\r\n",
    "ptime negative": SDP + AUDIO + "a=ptime:-20\r\n",
    "maxptime huge": SDP + AUDIO + "a=maxptime:4294967295\r\n",
    "clock rate huge": SDP + "m=audio 9 RTP/AVP 96\r\na=rtpmap:96 L16/4294967295/255\r\n",
    "key before the first": SDP + AUDIO + f"a=crypto:0 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n",
    "key far before the first": SDP + AUDIO + f"a=crypto:-9 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n",
    "name of a host": SDP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 slow.example") + AUDIO,
    "name of a host for RTCP": SDP + AUDIO + "a=rtcp:9 IN IP4 slow.example\r\n",
    "300 attributes": SDP + AUDIO + "a=x\r\n" * 300,
    "endless line": SDP + AUDIO + "a=fmtp:0 " + "x" * 3000 + "\r\n",
}


@pytest.mark.parametrize("body", ABSURD.values(), ids=ABSURD.keys())
async def test_absurd_session_description_is_refused(wire: Wire, body: str) -> None:
    assert await ask(wire, wire.request("INVITE", body)) == 488
    assert await lives(wire)


MULTIPARTS = {
    "no boundary": ("multipart/mixed", "--x\r\n\r\nhello\r\n--x--\r\n", 400),
    "empty boundary": ('multipart/mixed;boundary=""', "----\r\n", 400),
    "never closed": ("multipart/mixed;boundary=x", "--x\r\n\r\nhello\r\n", 400),
    "closed at once": ("multipart/mixed;boundary=x", "--x", 400),
    "absurd part": (
        "multipart/mixed;boundary=x",
        f"--x\r\nContent-Type: application/sdp\r\n\r\n{SDP}{AUDIO * 9}\r\n--x--\r\n",
        488,
    ),
    "fifty parts": ("multipart/mixed;boundary=x", "--x\r\n\r\nhello\r\n" * 50 + "--x--\r\n", 400),
    "not a description": ("text/plain", "hello", 415),
}


@pytest.mark.parametrize(("kind", "body", "code"), MULTIPARTS.values(), ids=MULTIPARTS.keys())
async def test_body_of_another_kind_is_refused(wire: Wire, kind: str, body: str, code: int) -> None:
    assert await ask(wire, wire.request("INVITE", body, kind=kind)) == code
    assert await lives(wire)


async def test_too_many_headers_are_refused(wire: Wire) -> None:
    assert await ask(wire, wire.request("INVITE", SDP + AUDIO, *["X-A: b"] * 300)) == 400
    assert await lives(wire)


async def test_call_cannot_be_taken_over_by_replaces(wire: Wire) -> None:
    request = wire.request("INVITE", SDP + AUDIO, "Replaces: 1@x;to-tag=a;from-tag=b")
    assert await ask(wire, request) == 481
    assert await lives(wire)


def torture(wire: Wire) -> dict[str, bytes]:
    """Messages in the manner of RFC 4475, and worse."""
    good = wire.request("INVITE", SDP + AUDIO)
    return {
        "nothing": b"",
        "line ends": b"\r\n\r\n\r\n\r\n",
        "zeros": b"\0" * 1_000,
        "half a line": b"INVITE",
        "no headers": b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        "no blank line": good.partition("\r\n\r\n")[0].encode(),
        "length beyond the body": good.replace("Content-Length: ", "Content-Length: 9").encode(),
        "length overflowing": good.replace("Content-Length: ", "Content-Length: 4294967295").encode(),
        "length negative": good.replace("Content-Length: ", "Content-Length: -").encode(),
        "wrong version": good.replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1).encode(),
        "no Via": good.replace("Via:", "X-Via:").encode(),
        "no From": good.replace("From:", "X-From:").encode(),
        "absurd CSeq": good.replace("CSeq: 1", "CSeq: 99999999999999999999").encode(),
        "absurd port": good.replace("@127.0.0.1>", "@127.0.0.1:99999999>").encode(),
        "unclosed quote": good.replace("From: <", 'From: "Bell <').encode(),
        "unclosed angle": good.replace(">;tag=wire", ";tag=wire").encode(),
        "long URI": good.replace("sip:nobody@", f"sip:{'n' * 4_000}@", 1).encode(),
        "long header": good.replace("Max-Forwards", f"X-Long: {'x' * 6_000}\r\nMax-Forwards").encode(),
        "many Vias": good.replace("Max-Forwards", "Via: SIP/2.0/UDP 192.0.2.1\r\n" * 100 + "Max-Forwards").encode(),
        "not UTF-8": good.replace("wire@", "w\xff\xfe@").encode("latin-1"),
        "datagram beyond the buffer": good.encode() + b"x" * 30_000,
        "a response nobody waits for": b"SIP/2.0 200 OK\r\n" + good.partition("\r\n")[2].encode(),
        "a response with status 9999": b"SIP/2.0 9999 ?\r\n" + good.partition("\r\n")[2].encode(),
        "an ACK of nothing": wire.request("ACK", SDP + AUDIO * 9).encode(),
    }


async def test_torture_changes_nothing(wire: Wire) -> None:
    for name, message in torture(wire).items():
        wire.send(message)
        assert await lives(wire), name


async def test_torture_over_tcp_changes_nothing(wire: Wire, real_network: RealNetwork) -> None:
    for name, message in torture(wire).items():
        await asyncio.to_thread(say_over_tcp, real_network.address, message.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
        assert await lives(wire), name


async def test_text_that_is_not_utf8_can_be_written_down(wire: Wire, real_network: RealNetwork) -> None:
    request = wire.request("OPTIONS", "", "Subject: caf\xe9", call_id=f"latin-{wire.port}").encode("latin-1")
    wire.send(request)
    await asyncio.to_thread(wire.final, f"latin-{wire.port}")
    await real_network.near.ticks(20)
    seen = real_network.near.messages[f"latin-{wire.port}"]
    assert "Subject: caf\ufffd" in seen[0].text
    assert all(message.text.encode() for message in seen)


async def test_damaged_messages_change_nothing(wire: Wire) -> None:
    dice = random.Random(1)
    good = wire.request("INVITE", SDP + AUDIO, 'Authorization: Digest username="a", realm="b", nonce="c", uri="d", response="e"')
    for _ in range(300):
        damaged = bytearray(good.encode())
        for _ in range(dice.randrange(1, 12)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        wire.send(bytes(damaged))
    assert await lives(wire)


@pytest.mark.parametrize("user", ["absurd-answer", "absurd-ptime", "absurd-challenge"])
async def test_absurd_answer_ends_the_call_unread(real_network: RealNetwork, wire: Wire, user: str) -> None:
    leg, _ = real_network.near.invite(real_network.carrier.uri(user))
    ended = await real_network.near.event(leg, Ended)
    assert ended.code == 487
    assert await lives(wire)


async def test_forged_key_reaches_no_call(real_network: RealNetwork, wire: Wire) -> None:
    request = wire.request("INFO", "Signal=5\r\n", kind="application/dtmf-relay", to_tag="x", call_id="not-a-call")
    assert await ask(wire, request) == 481


@pytest.mark.parametrize(
    ("kind", "body"), [("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n"), ("application/dtmf", "5")]
)
async def test_key_by_info_is_reported(real_network: RealNetwork, wire: Wire, kind: str, body: str) -> None:
    user = f"info-{kind.rpartition('/')[2]}-{wire.port}"
    call_id = f"{user}@wire"
    invite = wire.request("INVITE", SDP + AUDIO, user=user, call_id=call_id)
    wire.send(invite)
    incoming, _ = await real_network.near.answered(user)
    ok = await asyncio.to_thread(wire.final, call_id)
    tag = ok.header("to").partition("tag=")[2]
    wire.send(wire.request("ACK", user=user, call_id=call_id, to_tag=tag))
    await real_network.near.event(incoming.leg, Answered)
    assert real_network.near.endpoint.send_digits(incoming.leg, "1") == 0.0
    assert await ask(wire, wire.request("INFO", body, kind=kind, user=user, call_id=call_id, to_tag=tag, cseq=2)) == 200
    assert (await real_network.near.event(incoming.leg, Digit)).digit == "5"
    assert await ask(wire, wire.request("BYE", user=user, call_id=call_id, to_tag=tag, cseq=3)) == 200
    assert (await real_network.near.event(incoming.leg, Ended)).by_peer


async def test_absurd_reinvite_is_refused_and_the_call_goes_on(real_network: RealNetwork, wire: Wire) -> None:
    user = f"again-{wire.port}"
    call_id = f"{user}@wire"
    wire.send(wire.request("INVITE", SDP + AUDIO, user=user, call_id=call_id))
    incoming, _ = await real_network.near.answered(user)
    tag = (await asyncio.to_thread(wire.final, call_id)).header("to").partition("tag=")[2]
    wire.send(wire.request("ACK", user=user, call_id=call_id, to_tag=tag))
    await real_network.near.event(incoming.leg, Answered)
    again = wire.request("INVITE", SDP + AUDIO * 17, user=user, call_id=call_id, to_tag=tag, cseq=2)
    assert await ask(wire, again) == 488
    assert await ask(wire, wire.request("BYE", user=user, call_id=call_id, to_tag=tag, cseq=3)) == 200
    assert (await real_network.near.event(incoming.leg, Ended)).code == 200
