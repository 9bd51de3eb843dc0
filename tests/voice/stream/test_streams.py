"""Streams to applications: ``<Start><Stream>``, ``<Stop><Stream>`` and what the REST API starts (spec sections 2.13, 4.10, 5.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from markup.events import Redirected
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.socket import FakePeer
from voice.errors import StreamRefused
from voice.story.follower import Line
from voice.story.trace import render
from voice.stream.outbox import MOST_FRAMES
from voice.stream.stream import Order
from voice.web.peer import SocketFailure

APP = "wss://app.example/audio"
START = f"<Start><Stream name='a' url='{APP}' statusCallback='/told'><Parameter name='tenant' value='t42'/></Stream></Start>"
WAIT = "<Gather timeout='60'/>"
BOB = "sip:bob@carrier"
SPEECH = np.full(800_000, 500, np.int16)


def customer(voice: str, **more: str) -> Customer:
    return Customer({"/voice": voice, "/told": "", "/status": "", **{f"/{path}": text for path, text in more.items()}})


async def peer_of(switch: World, number: int = 0, frames: int = 1) -> FakePeer:
    """The application's side of a stream, once it has heard something."""
    await switch.until(lambda: len(switch.dialler.peers) > number and len(switch.dialler.peers[number].every("media")) >= frames)
    return switch.dialler.peers[number]


def told(served: Customer) -> list[str]:
    return [form["StreamEvent"] for form in served.visited("/told")]


def close_to(samples: np.ndarray[Any, Any], level: int) -> bool:
    """Mu-law has steps."""
    return bool(samples.size) and abs(int(samples[-1]) - level) < level // 20 + 1


@virtual
async def test_the_messages_of_a_stream_in_their_order(tmp_path: Path) -> None:
    """5.1: connected once, start once, then media, stop last; every number is text, except inside mediaFormat."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        alice.say(SPEECH)
        peer = await peer_of(switch, frames=5)
        alice.hang_up()
        await switch.ended(alice)
        connected, start, first, *others, stop = peer.messages
        call = served.visited("/voice")[0]
        sid = start["streamSid"]
        assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
        assert sid.startswith("MZ")
        assert len(sid) == 34
        assert start == {
            "event": "start",
            "sequenceNumber": "1",
            "start": {
                "accountSid": call["AccountSid"],
                "streamSid": sid,
                "callSid": call["CallSid"],
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": {"tenant": "t42"},
            },
            "streamSid": sid,
        }
        payload = first["media"].pop("payload")
        assert len(payload) == 216
        assert first == {
            "event": "media",
            "sequenceNumber": "2",
            "media": {"track": "inbound", "chunk": "1", "timestamp": "0"},
            "streamSid": sid,
        }
        assert [message["media"]["chunk"] for message in others] == [str(2 + number) for number in range(len(others))]
        assert [message["media"]["timestamp"] for message in others] == [str(20 * (1 + number)) for number in range(len(others))]
        assert stop == {
            "event": "stop",
            "sequenceNumber": str(len(others) + 3),
            "stop": {"accountSid": call["AccountSid"], "callSid": call["CallSid"]},
            "streamSid": sid,
        }
        assert peer.closed


@virtual
async def test_what_the_callback_is_told(tmp_path: Path) -> None:
    """2.13."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        alice.hang_up()
        await switch.ended(alice)
        started, stopped = served.visited("/told")
        call = served.visited("/voice")[0]
        assert started.pop("Timestamp").endswith("Z")
        assert started == {
            "AccountSid": call["AccountSid"],
            "CallSid": call["CallSid"],
            "StreamSid": peer.sid,
            "StreamName": "a",
            "StreamEvent": "stream-started",
        }
        assert stopped["StreamEvent"] == "stream-stopped"


@virtual
async def test_a_stream_without_a_name_is_called_by_its_sid(tmp_path: Path) -> None:
    served = customer(START.replace("name='a'", "") + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        assert served.visited("/told")[0]["StreamName"] == peer.sid
        assert peer.every("start")[0]["start"]["customParameters"] == {"tenant": "t42"}
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_each_track_is_what_it_says(tmp_path: Path) -> None:
    """Inbound is heard from this leg, outbound is played to it, also when that comes from a bridged leg."""
    served = customer(START.replace("name='a'", "name='a' track='both_tracks'") + f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with World(tmp_path, served) as switch:
        bob = switch.fake.phone(BOB)
        alice = switch.call()
        alice.say(SPEECH)
        peer = await peer_of(switch)
        await switch.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        bob.calls[0].say(2 * SPEECH)
        await switch.until(lambda: close_to(peer.heard("outbound"), 1000))
        assert close_to(peer.heard("inbound"), 500)
        assert peer.every("start")[0]["start"]["tracks"] == ["inbound", "outbound"]
        chunks = [(each["media"]["chunk"], each["media"]["track"]) for each in peer.every("media")[:4]]
        assert chunks == [("1", "inbound"), ("1", "outbound"), ("2", "inbound"), ("2", "outbound")]
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_what_is_said_to_the_caller_is_the_outbound_track(tmp_path: Path) -> None:
    served = customer(START.replace("name='a'", "track='outbound_track'") + "<Say>One two three.</Say>" + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        await switch.until(lambda: bool(np.any(np.abs(peer.heard("outbound")) > 1000)))
        assert {message["media"]["track"] for message in peer.every("media")} == {"outbound"}
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_stop_ends_it_and_the_call_goes_on(tmp_path: Path) -> None:
    served = customer(START + "<Pause/><Stop><Stream name='a'/></Stop>" + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        await switch.until(lambda: told(served) == ["stream-started", "stream-stopped"])
        assert peer.messages[-1]["event"] == "stop"
        assert peer.closed
        assert not alice.ended
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == []


@virtual
async def test_stopping_what_does_not_run_is_a_warning(tmp_path: Path) -> None:
    served = customer("<Stop><Stream name='b'/></Stop>" + START.replace("name='a'", "") + "<Stop><Stream/></Stop><Pause/>")
    async with World(tmp_path, served) as switch:
        await switch.ended(switch.call())
        assert switch.reports() == [12200]
        assert told(served) == ["stream-stopped"]


@virtual
async def test_it_goes_on_through_other_documents(tmp_path: Path) -> None:
    """5.1: <Start> streams go on when the call is redirected by REST."""
    served = customer(START + WAIT, new=WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        switch.switch.change(served.visited("/voice")[0]["CallSid"], Redirected(f"{HOST}/new"))
        await switch.until(lambda: bool(served.visited("/new")))
        count = len(peer.every("media"))
        await switch.until(lambda: len(peer.every("media")) > count + 10)
        alice.hang_up()
        await switch.ended(alice)
        assert told(served) == ["stream-started", "stream-stopped"]


@virtual
async def test_what_the_application_says_is_ignored(tmp_path: Path) -> None:
    """5.1: unidirectional: anything the app sends is ignored; neither keys nor marks are sent."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        peer.say(SPEECH)
        peer.mark("m")
        peer.put("garbage")
        peer.put(b"\0")
        alice.press("1")
        count = len(peer.every("media"))
        await switch.until(lambda: len(peer.every("media")) > count + 10)
        assert {message["event"] for message in peer.messages} == {"connected", "start", "media"}
        assert not np.any(alice.heard)
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == []


@virtual
async def test_an_application_that_closes_is_not_called_again(tmp_path: Path) -> None:
    """5.1: reconnect never."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        peer.put(None)
        await switch.until(lambda: told(served) == ["stream-started", "stream-stopped"])
        await switch.until(lambda: len(switch.streams) == 0)
        assert len(switch.dialler.peers) == 1
        assert peer.every("stop") == []
        assert not alice.ended
        alice.hang_up()
        await switch.ended(alice)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("timeout", 31901),
        ("refused", 31902),
        ("broken", 31903),
        ("unreachable", 31904),
        ("private", 31904),
        ("tls", 31910),
        ("handshake", 31920),
        ("closed", 31921),
        ("scheme", 31922),
        ("malformed", 31923),
        ("protocol", 31924),
    ],
)
@pytest.mark.parametrize("when", ["before", "later"])
@virtual
async def test_a_connection_that_fails_has_its_code(tmp_path: Path, reason: Any, code: int, when: str) -> None:
    """8.5; the call goes on."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        failure = SocketFailure(reason, "no luck")
        if when == "before":
            switch.dialler.refusal = failure
        alice = switch.call()
        if when == "later":
            (await peer_of(switch)).fail(failure)
        await switch.until(lambda: "stream-error" in told(served))
        assert served.visited("/told")[-1]["StreamError"] == f"{code} no luck"
        assert not alice.ended
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == [code]
        assert len(served.visited("/told")) == (1 if when == "before" else 2)


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        ("url='ws://app.example.'", 31922),
        ("url='ws://10.0.0.1'", 31922),
        ("url='wss://'", 31923),
        ("url='wss://h:99999'", 31923),
        ("connectorName='x'", 31940),
    ],
)
@virtual
async def test_what_is_not_even_tried(tmp_path: Path, stream: str, code: int) -> None:
    served = customer(f"<Start><Stream {stream} statusCallback='/told'/></Start><Pause/>")
    async with World(tmp_path, served, webhooks={"allow_private_networks": False}) as switch:
        await switch.ended(switch.call())
        assert switch.reports() == [code]
        assert told(served) == ["stream-error"]
        assert switch.dialler.peers == []


@virtual
async def test_a_document_that_streams_in_the_clear_on_a_private_network(tmp_path: Path) -> None:
    served = customer(START.replace(APP, "ws://127.0.0.1:9000/audio?x=1") + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        assert (await peer_of(switch)).url == "ws://127.0.0.1:9000/audio"
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_four_tracks_and_no_more(tmp_path: Path) -> None:
    """2.13: up to four tracks per call may be streamed."""
    two = f"<Stream url='{APP}' track='both_tracks'/>"
    served = customer(f"<Start>{two}{two}<Stream url='{APP}' statusCallback='/told'/></Start>" + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        await peer_of(switch, 1)
        assert served.visited("/told")[0]["StreamError"].startswith("31960 ")
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == [31960]
        assert len(switch.dialler.peers) == 2


@virtual
async def test_a_name_is_used_once_at_a_time(tmp_path: Path) -> None:
    served = customer(START + START + "<Pause/><Stop><Stream name='a'/></Stop>" + START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        await peer_of(switch, 1)
        assert told(served)[0] == "stream-error"
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == [31900]


@virtual
async def test_a_slow_application_loses_the_oldest_frames(tmp_path: Path) -> None:
    """8.5: 31930 W, upstream overflow."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        peer.stick()
        before = int(peer.every("media")[-1]["media"]["chunk"])
        await switch.until(lambda: switch.streams.dropped >= 100)
        peer.unstick()
        await switch.until(lambda: len(peer.every("media")) > MOST_FRAMES)
        chunks = [int(message["media"]["chunk"]) for message in peer.every("media")]
        lost = [number for number in range(1, chunks[-1]) if number not in chunks]
        assert lost == list(range(before + 2, before + 2 + len(lost)))
        assert len(lost) == switch.streams.dropped
        numbers = [int(message["sequenceNumber"]) for message in peer.messages[1:]]
        assert numbers == list(range(1, len(numbers) + 1))
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == [31930]
        stopped = [entry.data for entry in switch.journal() if entry.kind == "stream"][-1]
        assert stopped["dropped"] == len(lost)


@virtual
async def test_an_application_that_takes_nothing_holds_up_no_hangup(tmp_path: Path) -> None:
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        peer = await peer_of(switch)
        peer.stick()
        alice.hang_up()
        await switch.ended(alice, 1)
        assert told(served) == ["stream-started", "stream-stopped"]
        await switch.until(lambda: not switch.streams._tasks)


@virtual
async def test_a_stream_that_is_stopped_before_it_is_connected(tmp_path: Path) -> None:
    served = customer(START + "<Stop><Stream name='a'/></Stop><Pause/>")
    async with World(tmp_path, served) as switch:
        await switch.ended(switch.call())
        assert told(served) == ["stream-stopped"]
        assert switch.dialler.peers == []


@virtual
async def test_the_rest_api_starts_and_stops_one_on_a_live_line(tmp_path: Path) -> None:
    """4.10."""
    served = customer(WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        await switch.until(lambda: alice.answered)
        line = next(iter(switch.registry))
        stream = switch.streams.start(line, Order(APP, "rest"))
        await peer_of(switch)
        for which in (stream.sid, "rest"):
            assert switch.streams.find(line.call.sid, which) is stream
        with pytest.raises(StreamRefused, match="running already"):
            switch.streams.start(line, Order(APP, "rest"))
        stream.stop()
        assert stream.status == "stopped"
        assert switch.streams.find(line.call.sid, "rest") is None
        alice.hang_up()
        await switch.ended(alice)


@virtual
async def test_a_call_that_is_over_is_not_streamed(tmp_path: Path) -> None:
    async with World(tmp_path, customer(WAIT)) as switch:
        alice = switch.call()
        await switch.until(lambda: alice.answered)
        line = next(iter(switch.registry))
        alice.hang_up()
        await switch.ended(alice)
        with pytest.raises(StreamRefused, match="completed"):
            switch.streams.start(line, Order(APP))


@virtual
async def test_the_trace_shows_how_it_went(tmp_path: Path) -> None:
    served = customer(START + "<Pause/><Stop><Stream name='a'/></Stop>")
    async with World(tmp_path, served) as switch:
        await switch.ended(switch.call())
        sid = switch.dialler.peers[0].sid
        lines = [line.split(maxsplit=1)[1] for line in render(Line(0, 0, entry) for entry in switch.journal())]
        shown = [line for line in lines if line.startswith("stream")]
        assert shown == [f"stream {sid}: connecting {APP}", f"stream {sid}: stream-started", f"stream {sid}: stream-stopped"]


@virtual
async def test_a_document_can_stop_what_the_rest_api_started(tmp_path: Path) -> None:
    served = customer(WAIT, new="<Stop><Stream name='rest'/></Stop>" + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        await switch.until(lambda: alice.answered)
        line = next(iter(switch.registry))
        stream = switch.streams.start(line, Order(APP, "rest"))
        await peer_of(switch)
        switch.switch.change(line.call.sid, Redirected(f"{HOST}/new"))
        await switch.until(lambda: stream.status == "stopped")
        alice.hang_up()
        await switch.ended(alice)
        assert switch.reports() == []


@virtual
async def test_secret_keys_are_not_in_the_audio(tmp_path: Path) -> None:
    """What a caller types while paying is heard by nobody."""
    served = customer(START + WAIT)
    async with World(tmp_path, served) as switch:
        alice = switch.call()
        alice.say(SPEECH)
        peer = await peer_of(switch)
        await switch.until(lambda: close_to(peer.heard(), 500))
        next(iter(switch.registry)).secrecy.begin()
        await switch.until(lambda: int(peer.heard()[-1]) == 0)
        alice.hang_up()
        await switch.ended(alice)
