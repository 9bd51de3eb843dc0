"""Applications that talk with the caller: ``<Connect><Stream>`` (spec sections 2.13 and 5.1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from markup.events import Redirected
from media.frame import Samples
from media.g711 import decode_mulaw, encode_mulaw
from sip.fake import FakeCall
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.socket import FakePeer
from voice.settings import Application
from voice.stream import downlink
from voice.stream.messages import LONGEST_NAME
from voice.web.peer import SocketFailure

APP = "wss://app.example/audio"
CONNECT = f"<Connect><Stream url='{APP}' statusCallback='/told'/></Connect>"
WITH_ACTION = CONNECT.replace("<Connect>", "<Connect action='/done'>")
SECOND = 8000
FRAME = 160


def customer(voice: str, **more: str) -> Customer:
    return Customer({"/voice": voice, "/told": "", "/status": "", **{f"/{path}": text for path, text in more.items()}})


def speech(seconds: float, level: int = 1000) -> Samples:
    """Something that is not silent anywhere."""
    return level + np.arange(round(seconds * SECOND), dtype=np.int16) % 500


def coded(samples: Samples) -> Samples:
    """What mu-law makes of it."""
    return decode_mulaw(encode_mulaw(samples))


async def connected(switch: World) -> tuple[FakeCall, FakePeer]:
    """A caller, and the application that talks with it."""
    alice = switch.call()
    await switch.until(lambda: bool(switch.dialler.peers) and bool(switch.dialler.peers[0].every("media")))
    return alice, switch.dialler.peers[0]


def sounds(call: FakeCall) -> Samples:
    """All that a caller heard but silence."""
    return np.extract(call.heard != 0, call.heard)


def noted(switch: World) -> list[dict[str, Any]]:
    """What the journal says of marks and clears."""
    entries = [entry.data for entry in switch.journal() if entry.kind == "stream"]
    return [{name: data[name] for name in ("event", "name", "heard", "of")} for data in entries if "heard" in data]


async def leave(switch: World, alice: FakeCall) -> None:
    alice.hang_up()
    await switch.ended(alice)


@virtual
async def test_the_caller_hears_what_the_application_says(tmp_path: Path) -> None:
    """In order of arrival, in pieces of any length, without gap or change."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        words = speech(2)
        peer.say(words[:1000])
        peer.say(words[1000:1001])
        peer.say(words[1001:])
        await switch.until(lambda: sounds(alice).size >= words.size)
        heard = alice.heard
        first = int(np.flatnonzero(heard)[0])
        assert np.array_equal(heard[first : first + words.size], coded(words))
        await leave(switch, alice)
        assert switch.reports() == []


@virtual
async def test_the_application_hears_the_caller_meanwhile(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(2))
        alice.say(speech(1, 3000))
        await switch.until(lambda: bool(np.any(peer.heard() > 2500)))
        assert peer.every("start")[0]["start"]["tracks"] == ["inbound"]
        assert not np.any(np.isin(peer.heard()[peer.heard() > 0], coded(speech(1))))
        await leave(switch, alice)


@virtual
async def test_a_mark_comes_back_when_all_before_it_was_sent_to_the_caller(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for name, seconds in (("one", 1.0), ("two", 0.5)):
            peer.say(speech(seconds))
            peer.mark(name)
        await switch.until(lambda: peer.marks() == ["one"])
        assert SECOND <= sounds(alice).size <= SECOND + 3 * FRAME
        await switch.until(lambda: peer.marks() == ["one", "two"])
        assert sounds(alice).size == 1.5 * SECOND
        assert set(peer.every("mark")[0]) == {"event", "streamSid", "sequenceNumber", "mark"}
        await leave(switch, alice)
        assert noted(switch) == [
            {"event": "mark", "name": "one", "heard": 1000, "of": 1000},
            {"event": "mark", "name": "two", "heard": 500, "of": 500},
        ]


@pytest.mark.parametrize("codes", [1, 100, 159, 161, 250])
@virtual
async def test_a_mark_behind_a_part_of_a_frame_comes_back(tmp_path: Path, codes: int) -> None:
    """The rest of the frame is silence."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for name in ("one", "two"):
            peer.say(np.full(codes, 1000, np.int16))
            peer.mark(name)
            await switch.until(lambda: peer.marks()[-1:] == [name], 1)  # noqa: B023
        assert sounds(alice).size == 2 * codes
        await leave(switch, alice)


@virtual
async def test_pieces_that_are_no_whole_frames_are_joined(tmp_path: Path) -> None:
    """An application that sends 30 ms every 30 ms is heard without gaps."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        words = speech(1.2)
        for place in range(0, words.size, 240):
            peer.say(words[place : place + 240])
            if (place // 240) % 2:
                await switch.until(lambda: True)
                count = alice.heard.size
                await switch.until(lambda: alice.heard.size >= count + 480)  # noqa: B023
        heard = alice.heard
        first = int(np.flatnonzero(heard)[0])
        assert np.array_equal(heard[first : first + words.size], coded(words))
        await leave(switch, alice)


@virtual
async def test_a_mark_behind_nothing_comes_back_at_once(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        peer.mark("early")
        await switch.until(lambda: peer.marks() == ["early"], 0.1)
        peer.say(speech(0.1))
        peer.mark("said")
        await switch.until(lambda: peer.marks() == ["early", "said"])
        peer.mark("late")
        await switch.until(lambda: peer.marks() == ["early", "said", "late"], 0.1)
        await leave(switch, alice)


@virtual
async def test_a_clear_silences_at_once_and_gives_back_the_marks(tmp_path: Path) -> None:
    """Drops all buffered audio; every pending mark is echoed at once. The journal knows what was heard."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for name in ("one", "two", "three"):
            peer.say(speech(1))
            peer.mark(name)
        peer.say(speech(1))
        await switch.until(lambda: sounds(alice).size >= 1.4 * SECOND)
        before = sounds(alice).size
        peer.clear()
        await switch.until(lambda: peer.marks() == ["one", "two", "three"], 0.1)
        heard = sounds(alice).size
        assert heard <= before + 2 * FRAME
        await switch.until(lambda: int(alice.heard.size) > 4 * SECOND)
        assert sounds(alice).size == heard
        peer.say(speech(0.5))
        peer.mark("four")
        await switch.until(lambda: "four" in peer.marks())
        assert sounds(alice).size == heard + SECOND // 2
        await leave(switch, alice)
        assert noted(switch) == [
            {"event": "mark", "name": "one", "heard": 1000, "of": 1000},
            {"event": "clear", "name": "two", "heard": heard // 8 - 1000, "of": 1000},
            {"event": "clear", "name": "three", "heard": 0, "of": 1000},
            {"event": "clear", "name": None, "heard": 0, "of": 1000},
            {"event": "mark", "name": "four", "heard": 500, "of": 500},
        ]


@virtual
async def test_what_follows_a_clear_at_once_is_heard(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        peer.clear()
        peer.say(speech(1))
        peer.mark("one")
        await switch.until(lambda: sounds(alice).size > 0)
        peer.clear()
        peer.say(speech(0.5, 4000))
        peer.mark("two")
        await switch.until(lambda: peer.marks() == ["one", "two"])
        assert np.count_nonzero(alice.heard > 2000) == SECOND // 2
        await leave(switch, alice)


@virtual
async def test_keys_are_told(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        alice.press("1#")
        await switch.until(lambda: len(peer.every("dtmf")) == 2)
        first = peer.every("dtmf")[0]
        assert first == {
            "event": "dtmf",
            "streamSid": peer.sid,
            "sequenceNumber": first["sequenceNumber"],
            "dtmf": {"track": "inbound_track", "digit": "1"},
        }
        await leave(switch, alice)


@virtual
async def test_secret_keys_are_not_told(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        next(iter(switch.registry)).secrecy.begin()
        alice.press("4")
        count = len(peer.every("media"))
        await switch.until(lambda: len(peer.every("media")) > count + 5)
        assert peer.every("dtmf") == []
        await leave(switch, alice)


@pytest.mark.parametrize("twiml", [CONNECT + "<Say>Bye</Say>", WITH_ACTION])
@virtual
async def test_the_call_goes_on_when_the_application_closes(tmp_path: Path, twiml: str) -> None:
    served = customer(twiml, done="<Say>Bye</Say>")
    async with World(tmp_path, served) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(5))
        peer.put(None)
        await switch.ended(alice)
        assert np.any(np.abs(sounds(alice)) > 3000)
        assert [form["StreamEvent"] for form in served.visited("/told")] == ["stream-started", "stream-stopped"]
        assert len(served.visited("/done")) == twiml.count("action")


@pytest.mark.parametrize("twiml", [CONNECT + "<Say>Bye</Say>", WITH_ACTION])
@virtual
async def test_the_call_goes_on_when_the_application_cannot_be_reached(tmp_path: Path, twiml: str) -> None:
    """2.13: ends the verb (stream-error, then next verb)."""
    served = customer(twiml, done="<Say>Bye</Say>")
    async with World(tmp_path, served) as switch:
        switch.dialler.refusal = SocketFailure("handshake", "403 Forbidden")
        alice = switch.call()
        await switch.ended(alice)
        assert np.any(np.abs(sounds(alice)) > 3000)
        assert [form["StreamError"] for form in served.visited("/told")] == ["31920 403 Forbidden"]
        assert switch.reports() == [31920]


@virtual
async def test_an_address_that_may_not_be_used_ends_the_verb(tmp_path: Path) -> None:
    served = customer(WITH_ACTION.replace("wss://app.example", "ws://8.8.8.8"), done="<Say>Bye</Say>")
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        await switch.ended(alice)
        assert len(served.visited("/done")) == 1
        assert switch.reports() == [31922]


@virtual
async def test_a_caller_who_hangs_up_ends_it(tmp_path: Path) -> None:
    served = customer(WITH_ACTION, done="")
    async with World(tmp_path, served) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(5))
        await switch.until(lambda: sounds(alice).size > 0)
        await leave(switch, alice)
        assert peer.messages[-1]["event"] == "stop"
        assert peer.closed
        assert len(served.visited("/done")) == 1
        assert noted(switch)[-1]["heard"] == sounds(alice).size // 8


@virtual
async def test_a_redirected_call_leaves_it(tmp_path: Path) -> None:
    """5.1: call redirect by REST: stream of a <Connect> ends with stop."""
    served = customer(WITH_ACTION, new="<Pause/>")
    async with World(tmp_path, served) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(5))
        switch.switch.change(served.visited("/voice")[0]["CallSid"], Redirected(f"{HOST}/new"))
        await switch.ended(alice)
        assert peer.messages[-1]["event"] == "stop"
        assert served.visited("/done") == []
        assert sounds(alice).size < 5 * SECOND


BAD = [
    ("not json", 31951),
    ("[1]", 31951),
    ("{", 31951),
    ("[" * 100_000, 31951),
    ('{"event":"shout","streamSid":"SID"}', 31951),
    ('{"event":["media"],"streamSid":"SID"}', 31951),
    ('{"streamSid":"SID"}', 31951),
    ('{"event":"clear"}', 31951),
    ('{"event":"clear","streamSid":"MZ1"}', 31951),
    ('{"event":"media","streamSid":"SID"}', 31951),
    ('{"event":"media","streamSid":"SID","media":"x"}', 31951),
    ('{"event":"media","streamSid":"SID","media":{"payload":7}}', 31951),
    ('{"event":"mark","streamSid":"SID","mark":{}}', 31951),
    ('{"event":"mark","streamSid":"SID","mark":{"name":"' + "n" * (LONGEST_NAME + 1) + '"}}', 31951),
    ('{"event":"media","streamSid":"SID","media":{"payload":"%%%"}}', 31950),
    ('{"event":"media","streamSid":"SID","media":{"payload":"ü"}}', 31950),
    (b"\0\1\2", 31950),
]


@pytest.mark.parametrize(("message", "code"), BAD, ids=[str(number) for number in range(len(BAD))])
@virtual
async def test_a_message_that_means_nothing_is_a_warning_once(tmp_path: Path, message: str | bytes, code: int) -> None:
    """5.1: bad message; the connection stays."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for _ in range(3):
            peer.put(message.replace("SID", peer.sid, 1) if isinstance(message, str) and "MZ1" not in message else message)
        peer.say(speech(0.1))
        peer.mark("still here")
        await switch.until(lambda: peer.marks() == ["still here"])
        assert sounds(alice).size == SECOND // 10
        await leave(switch, alice)
        assert switch.reports() == [code]


@virtual
async def test_fields_too_many_are_a_warning(tmp_path: Path) -> None:
    """31951: missing/extra field. What the message says otherwise is done."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        message = peer.every("media")[0]
        message["media"]["payload"] = "gICAgA=="
        peer.put(json.dumps(message))
        peer.mark("done")
        await switch.until(lambda: peer.marks() == ["done"])
        assert sounds(alice).size == 4
        await leave(switch, alice)
        assert switch.reports() == [31951]


@virtual
async def test_more_than_the_limit_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """5.1: over 10 minutes of buffered audio: extra audio is dropped, 31931 once."""
    assert downlink.LONGEST_SECONDS == 600
    monkeypatch.setattr(downlink, "LONGEST_SECONDS", 6)
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for _ in range(9):
            peer.say(speech(0.9))
        peer.mark("end")
        await switch.until(lambda: bool(peer.marks()))
        assert 6 * SECOND <= sounds(alice).size <= 6.5 * SECOND
        await leave(switch, alice)
        assert switch.reports() == [31931]


@virtual
async def test_neither_are_too_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downlink, "MOST_PIECES", 100)
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for _ in range(300):
            peer.say(np.full(1, 1000, np.int16))
        peer.mark("end")
        await switch.until(lambda: bool(peer.marks()))
        assert sounds(alice).size < 300
        await leave(switch, alice)
        assert switch.reports() == [31931]


@virtual
async def test_neither_are_too_many_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downlink, "MOST_MARKS", 10)
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(1))
        for number in range(12):
            peer.mark(str(number))
        await switch.until(lambda: bool(peer.marks()))
        assert peer.marks() == [str(number) for number in range(10)]
        peer.say(speech(1))
        peer.mark("again")
        await switch.until(lambda: peer.marks()[-1] == "again")
        await leave(switch, alice)
        assert switch.reports() == [31951]


@virtual
async def test_a_flood_holds_nobody_up(tmp_path: Path) -> None:
    """While one application sends as fast as it can, others, and the caller, have their turn."""
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        for _ in range(20_000):
            peer.put("garbage")
        other = switch.call()
        await switch.until(lambda: len(switch.dialler.peers) == 2 and bool(switch.dialler.peers[1].every("media")), 1)
        alice.press("1")
        await switch.until(lambda: bool(peer.every("dtmf")), 0.1)
        await leave(switch, alice)
        await leave(switch, other)


@virtual
async def test_an_application_that_asks_and_never_listens_is_read_no_further(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT)) as switch:
        alice, peer = await connected(switch)
        peer.stick()
        for number in range(5_000):
            peer.mark(str(number))
        await switch.until(lambda: switch.streams.dropped > 0)
        stream = next(iter(switch.streams._live.values()))
        assert len(stream._outbox) < 2_000
        peer.unstick()
        await switch.until(lambda: len(peer.marks()) == 5_000)
        await leave(switch, alice)


@virtual
async def test_an_application_that_is_dialled_streams_on_the_line_of_its_caller(tmp_path: Path) -> None:
    sid = "AP" + "0" * 32
    served = customer(f"<Dial action='/done'><Application>{sid}</Application></Dial>", application=CONNECT, done="<Pause/>")
    application = Application(sid=sid, voice_url=f"{HOST}/application")
    async with World(tmp_path, served, application=(application,)) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(1))
        peer.mark("end")
        await switch.until(lambda: bool(peer.marks()))
        assert sounds(alice).size == SECOND
        assert peer.every("start")[0]["start"]["callSid"] == served.visited("/application")[0]["CallSid"]
        peer.put(None)
        await switch.ended(alice)
        assert len(served.visited("/done")) == 1


@virtual
async def test_a_bus_of_16_khz(tmp_path: Path) -> None:
    async with World(tmp_path, customer(CONNECT), media={"sample_rate": 16000}) as switch:
        alice, peer = await connected(switch)
        peer.say(speech(1))
        peer.mark("end")
        await switch.until(lambda: bool(peer.marks()))
        assert abs(sounds(alice).size - 2 * SECOND) < 60
        alice.say(speech(1, 3000))
        await switch.until(lambda: bool(np.any(peer.heard() > 2900)))
        await leave(switch, alice)
        assert noted(switch) == [{"event": "mark", "name": "end", "heard": 1000, "of": 1000}]
