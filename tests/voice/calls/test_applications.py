"""Section 2.7.6: an application that is dialled talks with the caller as a call of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from markup.events import Redirected
from sip.fake import answers
from tests.voice.exchange import HOST, NUMBER, Customer, World, virtual
from voice.settings import Application

SID = "AP" + "0" * 32
OTHER = "AP" + "1" * 32
SETTINGS: dict[str, Any] = {
    "application": (
        Application(sid=SID, voice_url=f"{HOST}/app", voice_fallback_url=f"{HOST}/fallback", status_callback=f"{HOST}/over"),
        Application(sid=OTHER, voice_url=f"{HOST}/other", voice_method="GET"),
    )
}
DIAL = f"<Dial action='/done'><Application>{SID}</Application></Dial>"
BOB = "sip:bob@carrier"


def customer(voice: str, **answers: str) -> Customer:
    served = {"done": "<Say>Done</Say>", "status": "", "over": "", "leg": ""} | answers
    return Customer({"/voice": voice, **{f"/{path}": text for path, text in served.items()}})


@virtual
async def test_the_application_hears_and_is_heard_as_a_child_call(tmp_path: Path) -> None:
    document = (
        f"<Dial action='/done'><Application statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        f"<ApplicationSid>{SID}</ApplicationSid><Parameter name='color' value='red &amp; blue'/></Application></Dial>"
    )
    asked = customer(
        document, app="<Gather numDigits='1' action='/chosen'><Say>Press a key</Say></Gather>", chosen="<Say>Thanks</Say>"
    )
    async with World(tmp_path, asked, **SETTINGS) as world:
        call = world.call()
        await world.until(lambda: bool(call.heard.any()))
        call.press("5")
        await world.ended(call)
        (first,), (chosen,), (done,) = (asked.visited(path) for path in ("/app", "/chosen", "/done"))
        (parent,) = {visit["CallSid"] for visit in asked.visited("/voice")}
        assert first["ParentCallSid"] == parent != first["CallSid"]
        assert (first["From"], first["To"], first["CallStatus"]) == ("+15550001", SID, "ringing")
        assert (first["ApplicationSid"], first["Param_color"], first["CustomerId"]) == (SID, "red & blue", first["AccountSid"])
        assert (chosen["Digits"], chosen["CallSid"], chosen["CallStatus"]) == ("5", first["CallSid"], "in-progress")
        assert (done["DialCallSid"], done["DialCallStatus"], done["DialBridged"]) == (first["CallSid"], "completed", "true")
        assert [visit["CallStatus"] for visit in asked.visited("/leg")] == ["initiated", "ringing", "in-progress", "completed"]
        assert [(visit["CallSid"], visit["CallStatus"]) for visit in asked.visited("/over")] == [(first["CallSid"], "completed")]
        assert world.reports() == []


@virtual
async def test_whom_the_application_takes_itself_for(tmp_path: Path) -> None:
    document = f"<Dial callerId='+15559999'><Application customerId='me' copyParentTo='true'>{OTHER}</Application></Dial>"
    asked = customer(document, other="<Hangup/>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        await world.ended(world.call())
        (visit,) = (each for each in asked.visits if each.path == "/other")
        assert visit.method == "GET"
        assert (visit.form["From"], visit.form["To"], visit.form["CustomerId"]) == ("+15559999", NUMBER, "me")


@pytest.mark.parametrize(
    ("app", "status", "answered"),
    [("<Reject reason='busy'/>", "busy", False), ("<Reject/>", "failed", False), ("<Say>Hi</Say>", "completed", True)],
)
@virtual
async def test_a_caller_is_answered_when_the_application_answers(tmp_path: Path, app: str, status: str, answered: bool) -> None:
    document = f"<Dial answerOnBridge='true' action='/done'><Application>{SID}</Application></Dial>"
    asked = customer(document, app=app, done="<Reject/>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        call = world.call()
        await world.ended(call)
        assert asked.visited("/done")[0]["DialCallStatus"] == status
        assert bool(call.heard.size) is answered


@virtual
async def test_an_application_that_fails_falls_back_to_its_own(tmp_path: Path) -> None:
    asked = customer(DIAL, fallback="<Say>Sorry</Say>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        await world.ended(world.call())
        assert asked.visited("/fallback")[0]["ErrorCode"] == "11200"
        assert asked.visited("/done")[0]["DialCallStatus"] == "completed"


@virtual
async def test_an_application_that_does_not_answer_in_time_is_given_up(tmp_path: Path) -> None:
    asked = customer(f"<Dial timeout='5' action='/done'><Application>{SID}</Application></Dial>", app="<Pause length='60'/>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        await world.ended(world.call())
        assert asked.visited("/done")[0]["DialCallStatus"] == "no-answer"
        assert asked.visited("/over")[0]["CallStatus"] == "no-answer"


@virtual
async def test_a_caller_who_hangs_up_ends_both_calls(tmp_path: Path) -> None:
    asked = customer(DIAL, app="<Gather timeout='60'/>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        call = world.call()
        await world.until(lambda: bool(asked.visited("/app")))
        await world.until(lambda: call.answered)
        call.hang_up()
        await world.ended(call)
        assert asked.visited("/over")[0]["CallStatus"] == "completed"
        (done,) = asked.visited("/done")
        assert (done["CallStatus"], done["DialCallStatus"]) == ("completed", "completed")
        assert len(world.registry) == 0


@virtual
async def test_an_application_can_dial_on(tmp_path: Path) -> None:
    """The callee talks with the caller, keys included, and the caller comes back to the first document."""
    asked = customer(DIAL, app=f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        bob = world.fake.phone(BOB, answers())
        call = world.call()
        said, replied = np.arange(1, 400, dtype=np.int16), np.arange(500, 900, dtype=np.int16)
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        await world.until(lambda: len(world.journal("/app")) > 0 and any(e.kind == "joined" for e in world.journal("/app")))
        call.say(said)
        bob.calls[0].say(replied)
        await world.until(lambda: 399 in bob.calls[0].heard and 899 in call.heard)
        call.press("7")
        await world.until(lambda: bob.calls[0].digits_heard == "7")
        bob.calls[0].hang_up()
        await world.ended(call)
        assert len(asked.visited("/done")) == 1


@virtual
async def test_an_application_can_hold_a_conference_and_record(tmp_path: Path) -> None:
    app = "<Record timeout='1' playBeep='false' action='/room'/>"
    asked = customer(DIAL, app=app, room="<Dial timeLimit='3'><Conference beep='false' waitUrl=''>room</Conference></Dial>")
    asked.answers["/done"] = "<Gather timeout='2'/>"
    async with World(tmp_path, asked, **SETTINGS) as world:
        call, other = world.call(), world.call()
        await world.until(lambda: len(asked.visited("/app")) == 2)
        for each in (call, other):
            await world.until(lambda each=each: each.answered)  # type: ignore[misc]
            each.say(np.full(800, 1000, np.int16))
        await world.until(lambda: len(asked.visited("/room")) == 2)
        assert all(visit["RecordingSid"].startswith("RE") for visit in asked.visited("/room"))
        await asyncio.sleep(1)
        call.say(np.full(800, 4000, np.int16))
        await world.until(lambda: 4000 in other.heard)
        await world.until(lambda: len(asked.visited("/done")) == 2)
        await asyncio.sleep(1)
        call.say(np.full(800, 5000, np.int16))
        await world.ended(call)
        assert 5000 not in other.heard, "still in the room"


@virtual
async def test_the_child_call_can_be_changed_and_ended_from_outside(tmp_path: Path) -> None:
    asked = customer(DIAL, app="<Gather timeout='60'/>", new="<Gather timeout='60'><Say>New</Say></Gather>")
    async with World(tmp_path, asked, **SETTINGS) as world:
        call = world.call()
        await world.until(lambda: call.answered and bool(asked.visited("/app")))
        child = asked.visited("/app")[0]["CallSid"]
        world.switch.change(child, Redirected(f"{HOST}/new"))
        await world.until(lambda: bool(call.heard.any()))
        world.switch.end(child)
        await world.until(lambda: bool(asked.visited("/done")))
        assert asked.visited("/new")[0]["CallSid"] == child
        assert world.registry.by_sid(child) is None
        await world.ended(call)


@virtual
async def test_a_switch_that_drains_does_not_wait_for_a_call_that_was_only_borrowed(tmp_path: Path) -> None:
    async with World(tmp_path, customer(DIAL, app="<Gather timeout='60'/>"), **SETTINGS) as world:
        call = world.call()
        await world.until(lambda: call.answered and len(world.registry) == 2)
        draining = asyncio.create_task(world.switch.drain(60))
        call.hang_up()
        await asyncio.wait_for(draining, 5)


@pytest.mark.parametrize("sid", ["AP" + "9" * 32, SID])
@virtual
async def test_what_cannot_be_dialled_fails_and_the_call_goes_on(tmp_path: Path, sid: str) -> None:
    """An application that nobody has configured, and one that dials itself over and over."""
    asked = customer(
        f"<Dial action='/done'><Application>{sid}</Application></Dial>", app=f"<Dial><Application>{sid}</Application></Dial>"
    )
    async with World(tmp_path, asked, **SETTINGS) as world:
        await world.ended(world.call())
        failing = [path for path in ("/voice", "/app") if asked.visited(path) and 13224 in world.reports(path)]
        deepest = asked.visited("/app")[-1]["CallSid"] if asked.visited("/app") else ""
        told = [entry.data["code"] for entry in world.journals.read(deepest) if entry.kind == "report"] if deepest else []
        assert failing == ["/voice"] or told == [13224]
        assert len(asked.visited("/app")) <= 5
        assert len(asked.visited("/done")) == 1
