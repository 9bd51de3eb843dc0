"""Callers in a queue and those who dial it (sections 2.10, 2.11 and 4.6)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import httpx
import numpy as np
import pytest

from markup.events import Redirected
from media.g711 import encode_mulaw
from sip.fake import FakeCall, replacing
from tests.voice.exchange import HOST, NUMBER, Answer, Customer, World, virtual
from voice.errors import ChangeRefused, QueueRefused
from voice.settings import Application, Number

AGENTS, THIRD = "+15550200", "+15550300"
STAY = "<Gather timeout='60'/>"
ENQUEUE = "<Enqueue action='/left' waitUrl='/wait'>support</Enqueue>"
DIAL = "<Dial action='/done' hangupOnStar='true' timeout='30'><Queue>support</Queue></Dial>"
WHISPER = DIAL.replace("<Queue", "<Queue url='/whisper'")


def _customer(**answers: Answer) -> Customer:
    served: dict[str, Answer] = {
        "voice": ENQUEUE, "agent": DIAL, "wait": "<Pause length='60'/>", "whisper": "<Pause length='2'/>",
        "left": STAY, "done": STAY, "new": STAY, "status": "", **answers,
    }  # fmt: skip
    return Customer({f"/{name}": answer for name, answer in served.items()})


def _world(folder: Path, customer: Customer, **more: Any) -> World:
    numbers = (
        Number(phone_number=NUMBER, voice_url=f"{HOST}/voice"),
        Number(phone_number=AGENTS, voice_url=f"{HOST}/agent"),
        Number(phone_number=THIRD, voice_url=f"{HOST}/third"),
    )
    return World(folder, customer, number=numbers, **more)


async def _caller(world: World, name: str = "caller") -> FakeCall:
    """Somebody who waits."""
    before = len(world.customer.visited("/wait"))
    call = world.call(from_=f"sip:{name}@carrier")
    await world.until(lambda: len(world.customer.visited("/wait")) > before)
    return call


async def _agent(world: World, name: str = "agent") -> FakeCall:
    call = world.call(to=AGENTS, from_=f"sip:{name}@carrier")
    await world.until(lambda: call.answered)
    return call


async def _bridged(world: World) -> tuple[FakeCall, FakeCall]:
    caller, agent = await _caller(world), await _agent(world)
    await _talk(world, caller, agent)
    return caller, agent


async def _talk(world: World, one: FakeCall, other: FakeCall) -> None:
    await world.until(lambda: world.fake.bridged(one) is other)


async def _visited(world: World, path: str, count: int = 1) -> dict[str, str]:
    await world.until(lambda: len(world.customer.visited(path)) >= count)
    return world.customer.visited(path)[count - 1]


async def _over(world: World, *calls: FakeCall) -> None:
    """Everyone hangs up, and nothing is left."""
    for call in calls:
        call.hang_up()
    await world.until(lambda: not len(world.registry) and world.bus.claimed == 0)
    assert world.mixer.playing == 0
    assert world.queues.waiting == 0


def _sid(world: World, path: str, count: int = 1) -> str:
    return world.customer.visited(path)[count - 1]["CallSid"]


def _queue(world: World):  # type: ignore[no-untyped-def]
    return next(iter(world.queues.of(world.accounts.main.sid)))


@virtual
async def test_five_callers_and_two_agents_keep_their_order(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        callers = [await _caller(world, f"caller{number}") for number in range(5)]
        agents = [await _agent(world, f"agent{number}") for number in range(2)]
        await _talk(world, callers[0], agents[0])
        await _talk(world, callers[1], agents[1])
        world.customer.answers["/left"] = "<Hangup/>"
        world.customer.answers["/done"] = DIAL
        for number in range(2, 5):
            callers[number - 2].hang_up()
            await _talk(world, callers[number], agents[number % 2])
        asked = [visit["From"] for visit in world.customer.visited("/left")]
        assert asked == [f"sip:caller{number}@carrier" for number in range(3)]
        await _over(world, *callers, *agents)


@virtual
async def test_the_wait_document_is_told_how_long_the_line_is(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(wait="<Pause length='10'/>")) as world:
        first = await _caller(world, "first")
        second = await _caller(world, "second")
        told = world.customer.visited("/wait")[1]
        assert re.fullmatch(r"QU[0-9a-f]{32}", told["QueueSid"])
        numbers = ("QueuePosition", "QueueTime", "AvgQueueTime", "CurrentQueueSize", "MaxQueueSize")
        assert [told[name] for name in numbers] == ["2", "0", "0", "2", "1000"]
        first.hang_up()
        await world.until(lambda: len(world.customer.visited("/wait")) == 3)
        again = world.customer.visited("/wait")[2]
        assert [again[name] for name in numbers] == ["1", "10", "10", "1", "1000"]
        await _over(world, second)


@pytest.mark.parametrize(("attribute", "audible"), [("", True), ("waitUrl=''", False)])
@virtual
async def test_without_a_wait_url_music_plays_and_an_empty_one_is_silence(tmp_path: Path, attribute: str, audible: bool) -> None:
    async with _world(tmp_path, _customer(voice=f"<Enqueue {attribute}>support</Enqueue>")) as world:
        caller = world.call()
        await world.until(lambda: len(caller.heard) > 16_000)
        assert bool(np.abs(caller.heard).max() > 1000) == audible
        await _over(world, caller)


@virtual
async def test_the_wait_url_may_be_a_file(tmp_path: Path) -> None:
    sound = encode_mulaw((8000 * np.sin(np.arange(8000 * 12) / 3)).astype(np.int16)).tobytes()
    customer = _customer(wait=httpx.Response(200, headers={"Content-Type": "audio/basic"}, content=sound))
    assert len(sound) > 65_536
    async with _world(tmp_path, customer) as world:
        caller = await _caller(world)
        await world.until(lambda: len(caller.heard) > 8000 * 14)
        assert np.abs(caller.heard[8000 * 5 : 8000 * 6].astype(int)).mean() > 2000
        assert np.abs(caller.heard[-8000:].astype(int)).mean() > 2000
        assert not world.customer.visited("/left")
        await _over(world, caller)


@virtual
async def test_a_caller_leaves_by_a_key(tmp_path: Path) -> None:
    customer = _customer(wait="<Gather numDigits='1' timeout='60' action='/key'/>", key="<Leave/>")
    async with _world(tmp_path, customer) as world:
        caller = await _caller(world)
        caller.press("1")
        told = await _visited(world, "/left")
        assert (told["QueueResult"], told["CallStatus"]) == ("leave", "in-progress")
        assert told["QueueSid"] == customer.visited("/wait")[0]["QueueSid"]
        assert _queue(world).size == 0
        await _over(world, caller)


@pytest.mark.parametrize("wait", [httpx.Response(404), "<Dial>+1555</Dial>", "<Play>/nothing.wav</Play>"])
@virtual
async def test_a_wait_url_that_fails_ends_the_waiting(tmp_path: Path, wait: str | httpx.Response) -> None:
    async with _world(tmp_path, _customer(wait=wait)) as world:
        caller = await _caller(world)
        assert (await _visited(world, "/left"))["QueueResult"] == "error"
        assert not caller.ended
        await _over(world, caller)


@virtual
async def test_a_hangup_in_the_wait_document_is_the_end(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(wait="<Hangup/>")) as world:
        caller = await _caller(world)
        await world.ended(caller)
        assert (await _visited(world, "/left"))["QueueResult"] == "hangup"
        await _over(world)


@virtual
async def test_a_full_queue_is_told_at_once(tmp_path: Path) -> None:
    customer = _customer(voice=ENQUEUE.replace("<Enqueue", "<Enqueue maxQueueSize='1'"))
    async with _world(tmp_path, customer) as world:
        first, second = await _caller(world), world.call(from_="sip:second@carrier")
        told = await _visited(world, "/left")
        assert (told["QueueResult"], told["From"], "QueueSid" in told) == ("queue-full", "sip:second@carrier", False)
        await _over(world, first, second)


@virtual
async def test_both_actions_are_told_of_the_conversation(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        caller = await _caller(world)
        await _queued_for(world, 5)
        agent = await _agent(world)
        await _talk(world, caller, agent)
        await _queued_for(world, 10)
        caller.hang_up()
        done, left = await _visited(world, "/done"), await _visited(world, "/left")
        assert (done["DialCallStatus"], done["DialBridged"], done["QueueResult"]) == ("completed", "true", "bridged")
        assert done["DialCallSid"] == done["DequeuedCallSid"] == left["CallSid"]
        assert (done["DialCallDuration"], done["QueueTime"], left["QueueTime"]) == ("10", "5", "5")
        assert (left["QueueResult"], left["CallStatus"], left["QueueSid"]) == ("bridged", "completed", done["QueueSid"])
        assert not agent.ended
        await _over(world, agent)


@virtual
async def test_the_caller_goes_on_when_the_agent_hangs_up(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        caller, agent = await _bridged(world)
        agent.hang_up()
        left, done = await _visited(world, "/left"), await _visited(world, "/done")
        assert (left["QueueResult"], left["CallStatus"]) == ("bridged", "in-progress")
        assert (done["DialCallStatus"], done["CallStatus"], done["DequeuedCallSid"]) == (
            "completed",
            "completed",
            left["CallSid"],
        )
        assert not caller.ended
        await _over(world, caller)


@virtual
async def test_star_ends_the_conversation_and_both_go_on(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        caller, agent = await _bridged(world)
        caller.press("*")
        await _queued_for(world, 1)
        assert world.fake.bridged(caller) is agent
        agent.press("*")
        assert (await _visited(world, "/left"))["QueueResult"] == "bridged"
        assert (await _visited(world, "/done"))["DialCallStatus"] == "completed"
        assert (caller.ended, agent.ended) == (False, False)
        await _over(world, caller, agent)


@virtual
async def test_an_agent_waits_for_somebody_to_come(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        first = await _bridged(world)
        second_agent = await _agent(world, "second agent")
        await _queued_for(world, 20)
        caller = world.call(from_="sip:late@carrier")
        await _talk(world, caller, second_agent)
        assert len(world.customer.visited("/wait")) == 1, "nobody waits who is expected"
        await _over(world, *first, caller, second_agent)


@virtual
async def test_nobody_comes_and_nobody_could(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        agent = await _agent(world)
        assert (await _visited(world, "/done"))["DialCallStatus"] == "failed"
        agent.hang_up()
        caller = await _caller(world)
        caller.hang_up()
        await world.ended(caller)
        agent = await _agent(world)
        await _queued_for(world, 29)
        assert len(world.customer.visited("/done")) == 1
        told = await _visited(world, "/done", 2)
        assert (told["DialCallStatus"], told["DialBridged"]) == ("no-answer", "false")
        await _over(world, agent)


@virtual
async def test_the_queued_caller_is_spoken_to_before_the_connection(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(agent=WHISPER)) as world:
        caller, agent = await _caller(world), await _agent(world)
        told = await _visited(world, "/whisper")
        assert told["CallSid"] == _sid(world, "/wait")
        assert told["DequeingCallSid"] == _sid(world, "/agent")
        assert (told["QueueSid"], told["QueueTime"]) == (world.customer.visited("/wait")[0]["QueueSid"], "0")
        assert world.fake.bridged(caller) is None
        await _talk(world, caller, agent)
        await _over(world, caller, agent)


@virtual
async def test_a_caller_goes_back_to_its_place_when_the_agent_hangs_up(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(agent=WHISPER)) as world:
        first, second = await _caller(world, "first"), await _caller(world, "second")
        agent = await _agent(world)
        await _visited(world, "/whisper")
        agent.hang_up()
        again = await _visited(world, "/wait", 3)
        assert (again["From"], again["QueuePosition"], again["CurrentQueueSize"]) == ("sip:first@carrier", "1", "2")
        assert (await _visited(world, "/done"))["DialCallStatus"] == "canceled"
        agent = await _agent(world)
        await _talk(world, first, agent)
        await _over(world, first, second, agent)


@virtual
async def test_a_caller_that_is_given_back_goes_to_the_agent_who_waits(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(agent=WHISPER)) as world:
        caller, one, other = await _caller(world), await _agent(world, "one"), await _agent(world, "other")
        await _visited(world, "/whisper")
        one.hang_up()
        await _talk(world, caller, other)
        assert len(world.customer.visited("/wait")) == 1
        await _over(world, caller, other)


@virtual
async def test_an_agent_gets_the_next_when_the_caller_hangs_up(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(agent=WHISPER)) as world:
        first, second = await _caller(world, "first"), await _caller(world, "second")
        agent = await _agent(world)
        await _visited(world, "/whisper")
        first.hang_up()
        await _talk(world, second, agent)
        told = await _visited(world, "/left")
        assert (told["QueueResult"], told["From"]) == ("hangup", "sip:first@carrier")
        await _over(world, second, agent)


@virtual
async def test_a_whisper_that_fails_costs_the_agent_and_not_the_caller(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer(agent=WHISPER, whisper=httpx.Response(500))) as world:
        caller, agent = await _caller(world), await _agent(world)
        assert (await _visited(world, "/done"))["DialCallStatus"] == "failed"
        await _visited(world, "/wait", 2)
        assert _queue(world).size == 1
        await _over(world, caller, agent)


@virtual
async def test_a_queued_caller_is_given_another_document(tmp_path: Path) -> None:
    """4.6: redirecting an enqueued call: QueueResult=redirected action is sent. 4.9: by its place in the queue, too."""
    async with _world(tmp_path, _customer()) as world:
        first, second = await _caller(world, "first"), await _caller(world, "second")
        change = Redirected(f"{HOST}/new")
        assert world.switch.dequeue(_queue(world), _sid(world, "/wait", 2), change).call_sid == _sid(world, "/wait", 2)
        assert (await _visited(world, "/new"))["From"] == "sip:second@carrier"
        world.switch.dequeue(_queue(world), "Front", change)
        assert (await _visited(world, "/new", 2))["From"] == "sip:first@carrier"
        await _visited(world, "/left", 2)
        assert [visit["QueueResult"] for visit in world.customer.visited("/left")] == ["redirected", "redirected"]
        with pytest.raises(QueueRefused):
            world.switch.dequeue(_queue(world), "Front", change)
        assert (first.ended, second.ended) == (False, False)
        await _over(world, first, second)


@virtual
async def test_a_caller_who_talks_is_given_another_document(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        caller, agent = await _bridged(world)
        world.switch.change(_sid(world, "/wait"), Redirected(f"{HOST}/new"))
        await _visited(world, "/new")
        assert (await _visited(world, "/left"))["QueueResult"] == "redirected-from-bridged"
        done = await _visited(world, "/done")
        assert (done["DialCallStatus"], "DialCallDuration" in done) == ("completed", False)
        assert world.fake.bridged(caller) is None
        await _over(world, caller, agent)


@pytest.mark.parametrize("agent_document", [DIAL, WHISPER])
@virtual
async def test_an_agent_is_given_another_document(tmp_path: Path, agent_document: str) -> None:
    async with _world(tmp_path, _customer(agent=agent_document)) as world:
        caller, agent = await _caller(world), await _agent(world)
        if agent_document == DIAL:
            await _talk(world, caller, agent)
        else:
            await _visited(world, "/whisper")
        world.switch.change(_sid(world, "/agent"), Redirected(f"{HOST}/new"))
        await _visited(world, "/new")
        if agent_document == DIAL:
            assert (await _visited(world, "/left"))["QueueResult"] == "bridged"
        else:
            await _visited(world, "/wait", 2)
        assert not world.customer.visited("/done")
        await _over(world, caller, agent)


@virtual
async def test_a_call_that_is_over_is_in_no_queue(tmp_path: Path) -> None:
    async with _world(tmp_path, _customer()) as world:
        caller = await _caller(world)
        world.switch.end(_sid(world, "/wait"))
        await world.ended(caller)
        assert (await _visited(world, "/left"))["QueueResult"] == "hangup"
        with pytest.raises(ChangeRefused):
            world.switch.change(_sid(world, "/wait"), Redirected(f"{HOST}/new"))
        await _over(world)


@pytest.mark.parametrize("who", ["agent", "caller"])
@virtual
async def test_one_of_two_hands_the_other_to_a_third(tmp_path: Path, who: str) -> None:
    """6.4, attended: the third calls one of them, who refers that call to the one with the other."""
    customer = _customer(
        third=f"<Dial referUrl='/refer'><Sip>sip:{who}@carrier</Sip></Dial>",
        refer=lambda form: f"<Dial action='/moved'><Sip>{escape(form['ReferTransferTarget'])}</Sip></Dial>",
        moved=STAY,
    )
    async with _world(tmp_path, customer) as world:
        caller, agent = await _bridged(world)
        third = world.call(to=THIRD, from_="sip:third@carrier")
        phone = world.fake.phone(f"sip:{who}@carrier")
        await world.until(lambda: bool(phone.calls) and world.fake.bridged(phone.calls[0]) is third)
        leaving, staying = (agent, caller) if who == "agent" else (caller, agent)
        phone.calls[0].referral.ask(replacing("sip:127.0.0.1", leaving.dialog))
        await _talk(world, third, staying)
        await world.until(lambda: leaving.ended and phone.calls[0].ended)
        third.hang_up()
        left, done = await _visited(world, "/left"), await _visited(world, "/done")
        assert (left["QueueResult"], done["DialCallStatus"]) == ("bridged", "completed")
        assert not staying.ended
        await _over(world, staying)


@virtual
async def test_the_conversation_is_recorded_as_the_dial_says(tmp_path: Path) -> None:
    recorded = DIAL.replace("<Dial", "<Dial record='record-from-answer-dual' recordingStatusCallback='/recorded'")
    async with _world(tmp_path, _customer(agent=recorded, recorded="")) as world:
        caller, agent = await _bridged(world)
        await _queued_for(world, 5)
        caller.hang_up()
        done = await _visited(world, "/done")
        assert (done["QueueResult"], done["RecordingDuration"]) == ("bridged", "5")
        assert (await _visited(world, "/recorded"))["RecordingChannels"] == "2"
        await _over(world, agent)


@virtual
async def test_an_application_waits_on_the_line_that_it_borrows(tmp_path: Path) -> None:
    application = "AP" + "0" * 32
    customer = _customer(
        voice=f"<Dial action='/parted'><Application>{application}</Application></Dial>", app=ENQUEUE, parted=STAY
    )
    services = (Application(sid=application, voice_url=f"{HOST}/app"),)
    async with _world(tmp_path, customer, application=services) as world:
        caller, agent = await _bridged(world)
        assert _sid(world, "/wait") == _sid(world, "/app") != _sid(world, "/voice")
        world.switch.end(_sid(world, "/app"))
        left, done = await _visited(world, "/left"), await _visited(world, "/done")
        assert (left["QueueResult"], left["CallSid"]) == ("bridged", done["DialCallSid"])
        assert (await _visited(world, "/parted"))["CallSid"] == _sid(world, "/voice")
        assert (caller.ended, world.fake.bridged(caller)) == (False, None)
        await _over(world, caller, agent)


async def _queued_for(world: World, seconds: float) -> None:
    start = world.resources.now()
    await world.until(lambda: world.resources.now() - start >= seconds)
