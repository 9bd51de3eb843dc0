"""What changes while a conference goes on: mute, hold, coaching, announcements, keys, and who is turned out."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from markup import events
from media.dtmf import tones
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.meeting import (
    EVENTS,
    conference,
    dial,
    enter,
    hears,
    holds,
    meeting_customer,
    participant,
    plays_music,
    settled,
    told,
    wav,
)


@pytest.fixture
def customer() -> Customer:
    return meeting_customer()


@virtual
async def test_a_coach_is_heard_by_the_one_who_is_coached(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(EVENTS))
        agent = participant(world, 0)
        bob = await enter(world, "bob", dial())
        carol = await enter(world, "carol", dial(f"coach='{agent.member.call_sid}'"))
        await settled(world)
        assert [hears(call) for call in (alice, bob, carol)] == [["bob", "carol"], ["alice"], ["alice", "bob"]]
        room, coach = conference(world), participant(world, 2)
        room.hold(agent)
        await settled(world)
        assert [hears(call) for call in (bob, carol)] == [[], ["bob"]]
        room.unhold(agent)
        room.coach(coach, participant(world, 1).member.call_sid)
        await settled(world)
        assert [hears(call) for call in (alice, bob, carol)] == [["bob"], ["alice", "carol"], ["alice", "bob"]]
        room.coach(coach, "")
        await settled(world)
        assert [hears(call) for call in (alice, bob, carol)] == [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
        for call in (alice, bob, carol):
            call.hang_up()
            await world.ended(call)
    joined = customer.visited("/room")[3]
    assert (joined["Coaching"], joined["CallSidToCoach"]) == ("true", customer.visited("/room")[0]["CallSid"])
    assert told(customer).count("modify") == 2


@virtual
async def test_a_muted_participant_hears_and_is_not_heard(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(f"muted='true' {EVENTS}"))
        bob = await enter(world, "bob", dial())
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], [])
        conference(world).mute(participant(world, 0), False)
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], ["alice"])
        conference(world).mute(participant(world, 1), True)
        await settled(world)
        assert (hears(alice), hears(bob)) == ([], ["alice"])
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)
    assert told(customer)[3:5] == ["unmute", "mute"]
    assert [form["Muted"] for form in customer.visited("/room")[:2]] == ["true", "false"]


@virtual
async def test_who_is_on_hold_hears_the_hold_document_and_nobody_else(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/hold"] = "<Play loop='0'>/tone.ulaw</Play>"
    headers = {"Content-Type": "audio/basic", "Cache-Control": "max-age=600"}
    customer.answers["/tone.ulaw"] = httpx.Response(200, headers=headers, content=b"\x20" * 800)
    async with World(tmp_path, customer) as world:
        calls = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob", "carol")]
        room, held = conference(world), participant(world, 0)
        room.hold(held, f"{HOST}/hold")
        await world.until(lambda: bool(customer.visited("/hold")))
        await settled(world)
        assert [hears(call) for call in calls] == [[], ["carol"], ["bob"]]
        assert calls[0].heard[-4000:].all()
        room.hold(held)
        await settled(world)
        assert plays_music(calls[0])
        room.unhold(held)
        await settled(world)
        assert [hears(call) for call in calls] == [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
        for call in calls:
            call.hang_up()
            await world.ended(call)
    assert [visit.method for visit in customer.visits if visit.path == "/hold"] == ["GET"]
    assert told(customer)[4:6] == ["hold", "unhold"]


@virtual
async def test_an_announcement_is_heard_by_everybody_over_the_talk(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/announce"] = "<Play>/tone.wav</Play>"
    customer.answers["/tone.wav"] = wav(1700, 2)
    async with World(tmp_path, customer) as world:
        calls = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob", "carol")]
        conference(world).announce(f"{HOST}/announce")
        await world.until(lambda: bool(customer.visited("/tone.wav")))
        await settled(world)
        assert [hears(call) for call in calls] == [["bob", "carol", "dave"], ["alice", "carol", "dave"], ["alice", "bob", "dave"]]
        await world.until(lambda: told(customer)[-1] == "announcement-end")
        conference(world).announce(f"{HOST}/announce", "GET", participant(world, 1))
        await settled(world)
        assert [hears(call) for call in calls] == [["bob", "carol"], ["alice", "carol", "dave"], ["alice", "bob"]]
        await world.until(lambda: told(customer)[-2:] == ["announcement-end"] * 2)
        for call in calls:
            call.hang_up()
            await world.ended(call)
        await settled(world)
        assert world.bus.claimed == 0
    both = [form for form in customer.visited("/room") if form["StatusCallbackEvent"] == "announcement-end"]
    assert [form.get("CallSid", "") == "" for form in both] == [True, False]
    assert {form["AnnounceUrl"] for form in both} == {f"{HOST}/announce"}


@virtual
async def test_an_announcement_that_fails_says_why(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/slow"] = "<Pause length='60'/>"
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob")]
        room = conference(world)
        room.announce(f"{HOST}/nowhere")
        await world.until(lambda: "announcement-fail" in told(customer))
        room.announce(f"{HOST}/slow", to=participant(world, 1))
        await settled(world)
        bob.hang_up()
        await settled(world)
        room.announce(f"{HOST}/slow")
        await settled(world)
        alice.hang_up()
        await world.ended(alice)
        await settled(world)
        assert world.bus.claimed == 0
    failed = [form for form in customer.visited("/room") if form["StatusCallbackEvent"] == "announcement-fail"]
    assert ["404" in failed[0]["ReasonAnnouncementFailed"], *(form["ReasonAnnouncementFailed"] for form in failed[1:])] == [
        True,
        "the participant has left",
        "the conference has ended",
    ]
    assert told(customer)[-1] == "conference-end"
    assert [form["SequenceNumber"] for form in customer.visited("/room")] == [
        str(number + 1) for number in range(len(customer.visited("/room")))
    ]


@virtual
async def test_keys_are_heard_in_the_conference(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice, bob, carol = [await enter(world, name, dial(), talks=False) for name in ("alice", "bob", "carol")]
        await settled(world)
        alice.press("5")
        await settled(world)
        assert holds(bob.heard, tones("5", 8000))
        conference(world).mute(participant(world, 0), True)
        alice.press("7")
        await settled(world)
        assert not holds(carol.heard, tones("7", 8000))
        for call in (alice, bob, carol):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_kicked_participant_goes_on_after_its_dial(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob")]
        conference(world).kick(participant(world, 0))
        await world.ended(alice)
        conference(world).kick(participant(world, 0))
        await world.ended(bob)
    assert [form["CallStatus"] for form in customer.visited("/after")] == ["in-progress", "in-progress"]
    left = [form for form in customer.visited("/room") if form["StatusCallbackEvent"] == "participant-leave"]
    assert {form["ReasonParticipantLeft"] for form in left} == {"participant_updated_via_api"}
    assert customer.visited("/room")[-1]["ReasonConferenceEnded"] == "last-participant-kicked"


@virtual
async def test_a_live_change_takes_the_call_out_at_once(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/elsewhere"] = "<Gather timeout='60'/>"
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, dial(f"endConferenceOnExit='true' {EVENTS}")) for name in ("alice", "bob")]
        world.switch.change(participant(world, 0).member.call_sid, events.Redirected(f"{HOST}/elsewhere"))
        assert not len(world.conferences)
        await world.ended(bob)
        assert not alice.ended
        alice.hang_up()
        await world.ended(alice)
    left = [form for form in customer.visited("/room") if form["StatusCallbackEvent"] == "participant-leave"]
    assert [form["ReasonParticipantLeft"] for form in left] == ["participant_updated_via_api", "moderator_ended_conference"]
    assert len(customer.visited("/after")) == 1


@virtual
async def test_another_wait_document_is_heard_at_once(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = "<Pause length='60'/>"
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl=''"))
        conference(world).change_wait(participant(world, 0), f"{HOST}/wait")
        await world.until(lambda: bool(customer.visited("/wait")))
        conference(world).change_wait(participant(world, 0), None)
        await settled(world)
        assert plays_music(alice)
        alice.hang_up()
        await world.ended(alice)
