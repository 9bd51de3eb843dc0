"""A call that ends at any point of any verb leaves nothing behind: no leg, row, port, timer, task, playback or file handle.

Each document below is run on a whole switch under the virtual clock, once to see how many events it takes, and then again and
again with the call ended, or changed, right after the first event, the second, and so on. A verb that is built needs a row.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from markup.events import Event, Redirected
from markup.execution import RUNS
from sip.fake import FakeCall, answers
from tests.voice.exchange import HOST, Answer, Customer, World, virtual
from voice.calls.line import Line
from voice.calls.session import Session
from voice.errors import ChangeRefused
from voice.settings import Application, PaymentConnector, Siprec

BOB = "sip:bob@carrier"
APPLICATION = "AP" + "0" * 32
SETTINGS: dict[str, Any] = {
    "application": (Application(sid=APPLICATION, voice_url=f"{HOST}/application", status_callback=f"{HOST}/leg"),),
    "payment_connector": (PaymentConnector(url="https://pay.example/pay"),),
    "siprec": (Siprec(name="archive", uri="sip:recorder@carrier"),),
}
PATIENCE = 8.0
"""Seconds that a document may take when nobody ends it; then the caller hangs up."""
SETTLED = 2.0
"""Seconds after which the phones have stopped moving, too."""
MOST_EVENTS = 40

_STREAM = "<Stream name='a' url='wss://app.example/' statusCallback='/leg'/>"
_MEETING = "record='record-from-start' endConferenceOnExit='true' statusCallback='/leg' statusCallbackEvent='start end join leave speaker'"

DOCUMENTS: dict[str, str] = {
    "Say": "<Say>One moment.</Say><Say>Goodbye.</Say>",
    "Play": "<Play>/tone.ulaw</Play><Play digits='1w2'/>",
    "Pause": "<Pause/><Pause/>",
    "Gather": "<Gather numDigits='4' timeout='1' action='/next'><Say>Keys?</Say><Pause/><Play>/tone.ulaw</Play></Gather>",
    "Redirect": "<Redirect>/next</Redirect>",
    "Reject": "<Reject reason='busy'/>",
    "Start, a stream": f"<Start>{_STREAM}</Start><Say>One.</Say><Stop><Stream name='a'/></Stop><Say>Two.</Say>",
    "Connect, a stream": f"<Connect action='/next'>{_STREAM}</Connect>",
    "Start, a copy": "<Start><Siprec name='a' statusCallback='/leg'/></Start><Say>One.</Say><Stop><Siprec name='a'/></Stop><Say>Two.</Say>",
    "Start, a copy that lasts": f"<Start><Siprec/></Start><Dial timeLimit='1'><Sip>{BOB}</Sip></Dial>",
    "Start, a transcription": "<Start><Transcription name='a' statusCallbackUrl='/leg' partialResults='true'/></Start><Say>One.</Say>"
    "<Stop><Transcription name='a'/></Stop><Say>Two.</Say>",
    "Refer": "<Refer action='/next'><Sip>sip:carol@carrier</Sip></Refer>",
    "Hangup": "<Say>Bye.</Say><Hangup/>",
    "Dial": f"<Dial action='/next' timeLimit='2'><Sip statusCallback='/leg'>{BOB}</Sip></Dial>",
    "Dial, ringing": "<Dial timeout='5' answerOnBridge='true'><Sip>sip:ringing@carrier</Sip></Dial>",
    "Dial, in turn": f"<Dial sequential='true' timeLimit='1'><Sip>sip:nobody@carrier</Sip><Sip>{BOB}</Sip></Dial>",
    "Dial, at once": f"<Dial timeLimit='1'><Sip>sip:slow@carrier</Sip><Sip>{BOB}</Sip></Dial>",
    "Dial, with keys and a whisper": f"<Dial timeLimit='1'><Sip sendDigits='1w2' url='/whisper'>{BOB}</Sip></Dial>",
    "Dial, examined": f"<Dial action='/next' timeLimit='2'><Sip machineDetection='Enable' amdStatusCallback='/leg'>{BOB}</Sip></Dial>",
    "Dial, transferred": "<Dial referUrl='/refer' action='/next'><Sip>sip:tom@carrier</Sip></Dial>",
    "Dial, transferred on bridge": "<Dial referUrl='/refer' answerOnBridge='true'><Sip>sip:tom@carrier</Sip></Dial>",
    "Dial, alone in a conference": "<Dial action='/next' timeLimit='2'><Conference waitUrl='/music'>A</Conference></Dial>",
    "Dial, recorded in a conference": f"<Dial timeLimit='1' record='record-from-answer'><Conference {_MEETING}>B</Conference></Dial>",
    "Pay": "<Pay postalCode='false' securityCode='false' chargeAmount='1' statusCallback='/leg' action='/next'/>",
    "Connect": "<Connect action='/next'><Room>daily</Room></Connect>",
    "Dial, recorded": f"<Dial action='/next' timeLimit='1' record='record-from-ringing-dual'><Sip>{BOB}</Sip></Dial>",
    "Record": "<Record timeout='2' action='/next' recordingStatusCallback='/leg' transcribe='true' transcribeCallback='/leg'/>",
    "Start": "<Start><Recording recordingStatusCallback='/leg'/></Start><Say>Beside it.</Say><Redirect>/next</Redirect>",
    "Stop": "<Start><Recording name='a'/></Start><Say>More.</Say><Stop><Recording name='a'/></Stop><Say>No more.</Say>",
    "Dial an application": f"<Dial action='/next' timeLimit='2' record='record-from-answer'><Application>{APPLICATION}</Application></Dial>",
    "Dial an application, unanswered": f"<Dial answerOnBridge='true' timeout='5'><Application>{APPLICATION}</Application></Dial>",
    "Echo": "<Echo/>",
    "Enqueue": "<Enqueue action='/next'>support</Enqueue>",
    "Leave": "<Enqueue action='/next' waitUrl='/leave'>support</Enqueue>",
    "Sms": "<Sms statusCallback='/leg'>Hello</Sms><Sms action='/next'>Hello again</Sms>",
    "a failing document": "<Play>/missing</Play>",
}
"""By name of the verb, and what more there is to it."""
TYPED = {"Pay": "4111111111111111#1239"}
"""What the caller types, by document: a key every 50 ms."""


def _customer(document: str) -> Customer:
    tone = httpx.Response(200, headers={"Content-Type": "audio/basic"}, content=b"\x10" * 2000)
    served: dict[str, Answer] = {
        "/voice": document,
        "/next": "<Say>Next.</Say>",
        "/new": "<Say>New.</Say>",
        "/leave": "<Say>Wait.</Say><Leave/>",
        "/whisper": "<Say>Psst.</Say>",
        "/music": "<Say>Wait.</Say><Pause length='1'/><Redirect/>",
        "/tone.ulaw": tone,
        "/application": f"<Pause/><Gather timeout='1'><Say>Which one?</Say></Gather><Dial timeLimit='1'><Sip>{BOB}</Sip></Dial>",
        "/refer": f"<Dial timeLimit='1'><Sip>{BOB}</Sip></Dial>",
        "/status": "",
        "/leg": "",
        "/pay": httpx.Response(200, json={"charge_id": "ch_1"}),
    }
    return Customer(served, delays=dict.fromkeys(served, 0.1))


def _caller_hangs_up(world: World, caller: FakeCall) -> None:
    caller.hang_up()


def _callee_hangs_up(world: World, caller: FakeCall) -> None:
    for phone in ("bob", "ringing", "slow", "tom"):
        for call in world.fake.phone(f"sip:{phone}@carrier").calls:
            call.hang_up()


def _is_ended_from_outside(world: World, caller: FakeCall) -> None:
    for line in _parents(world):
        world.switch.end(line.call.sid)


def _is_redirected_from_outside(world: World, caller: FakeCall) -> None:
    for line in _parents(world):
        try:
            world.switch.change(line.call.sid, Redirected(f"{HOST}/new"))
        except ChangeRefused:
            caller.hang_up()  # not answered yet: there is nothing to redirect


def _parents(world: World) -> Iterator[Line]:
    return (line for line in world.registry if not line.call.parent_sid)


CUTS: tuple[Callable[[World, FakeCall], None], ...] = (
    _caller_hangs_up,
    _callee_hangs_up,
    _is_ended_from_outside,
    _is_redirected_from_outside,
)


class Scissors:
    """Counts the events of all sessions, and cuts after one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = 0
        self._after = 0
        self._cut: Callable[[], None] = lambda: None
        deliver = Session.deliver

        def counted(session: Session, event: Event) -> None:
            deliver(session, event)
            self.seen += 1
            if self.seen == self._after:
                asyncio.get_running_loop().call_soon(self._cut)

        monkeypatch.setattr(Session, "deliver", counted)

    def arm(self, after: int, cut: Callable[[], None]) -> None:
        """Cut after so many events from now; 0 is never."""
        self.seen, self._after, self._cut = 0, after, cut


def held(world: World) -> dict[str, int]:
    """What is in use now, by kind."""
    loop = asyncio.get_running_loop()
    return {
        "lines": len(world.registry),
        "queued": world.queues.waiting,
        "legs": world.fake.live,
        "rows": world.bus.claimed,
        "playbacks": world.mixer.playing,
        "copies": len(world.forks),
        "streams": len(world.streams) + world.mixer.taps.streams,
        "recordings": world.mixer.taps.recordings + world.studio.taps.open + len(world.recordings),
        "levels": world.studio.taps.watched,
        "callbacks": world.callbacks.waiting,
        "tasks": len(asyncio.all_tasks()),
        "timers": sum(not timer.cancelled() for timer in loop._scheduled),  # type: ignore[attr-defined]
        "files": len(os.listdir("/proc/self/fd")),
    }


def _calls_somebody(caller: FakeCall) -> None:
    """What a phone does that is referred."""
    caller.referral.answer(202)
    caller.later(0.5, lambda: caller.referral.notify(180))
    caller.later(1.5, lambda: caller.referral.notify(200))


def _transfers(call: FakeCall) -> None:
    """A phone that answers and hands the caller on."""
    call.answer()
    call.later(0.5, lambda: call.referral.ask(f"<{BOB}>"))


async def _run(world: World, scissors: Scissors, cut: Callable[[World, FakeCall], None], after: int, keys: str) -> int:
    """One call that is cut after so many events; how many there were."""
    caller = world.fake.phone("sip:+15550001@carrier").dial("sip:+15550100@127.0.0.1")
    caller.referral.behaviour = lambda referral: _calls_somebody(caller)
    scissors.arm(after, lambda: cut(world, caller))
    for number, key in enumerate(keys):
        caller.later(0.3 + 0.05 * number, partial(caller.press, key))
    try:
        await world.until(lambda: caller.ended, PATIENCE)
    except TimeoutError:
        caller.hang_up()
    await world.until(lambda: not len(world.registry))
    await world.callbacks.drain(5)
    await asyncio.sleep(SETTLED)
    return scissors.seen


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.__name__.strip("_"))
@pytest.mark.parametrize("name", DOCUMENTS)
@virtual
async def test_a_call_that_ends_anywhere_leaves_nothing(
    name: str, cut: Callable[[World, FakeCall], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scissors = Scissors(monkeypatch)
    keys = TYPED.get(name, "")
    async with World(tmp_path, _customer(DOCUMENTS[name]), **SETTINGS) as world:
        world.fake.phone(BOB, answers(after=0.5))
        world.fake.phone("sip:slow@carrier", answers(after=1.5))
        world.fake.phone("sip:ringing@carrier", lambda call: call.ring())
        world.fake.phone("sip:tom@carrier", _transfers)
        world.fake.phone("sip:recorder@carrier", answers(after=0.2))
        await asyncio.sleep(1)
        before = held(world)
        events = await _run(world, scissors, cut, 0, keys)
        assert held(world) == before, "a call that nobody cuts"
        for after in range(1, min(events, MOST_EVENTS) + 1):
            await _run(world, scissors, cut, after, keys)
            assert held(world) == before, f"cut after event {after} of {events}"
        gc.collect()
        left = [thing for thing in gc.get_objects() if isinstance(thing, Session | Line)]
        assert left == [], "ended calls are still referred to"


def test_every_verb_that_is_built_has_a_document_here() -> None:
    named = {name.partition(",")[0] for name in DOCUMENTS}
    assert {verb.__name__ for verb in RUNS} - named == set()
