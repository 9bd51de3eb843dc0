"""Conferences of whole calls: who may join, what is heard while waiting, how it ends, and who is told."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from media import beep
from tests.voice.exchange import Customer, World, virtual
from tests.voice.meeting import (
    EVENTS,
    conference,
    dial,
    enter,
    hears,
    holds,
    meeting_customer,
    plays_music,
    settled,
    silent,
    told,
)
from voice.settings import Limits


@pytest.fixture
def customer() -> Customer:
    return meeting_customer()


@virtual
async def test_three_hear_each_other_and_never_themselves(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice, bob, carol = [await enter(world, name, dial()) for name in ("alice", "bob", "carol")]
        await settled(world)
        assert [hears(call) for call in (alice, bob, carol)] == [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
        bob.hang_up()
        await settled(world)
        assert [hears(call) for call in (alice, carol)] == [["carol"], ["alice"]]
        for call in (alice, carol):
            call.hang_up()
            await world.ended(call)
        assert not len(world.conferences)
        await settled(world)
        assert world.bus.claimed == 0


@virtual
async def test_rooms_of_other_names_are_other_rooms(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        one = [await enter(world, name, dial(name="one")) for name in ("alice", "bob")]
        other = [await enter(world, name, dial(name="two")) for name in ("carol", "dave")]
        await settled(world)
        assert [hears(call) for call in (*one, *other)] == [["bob"], ["alice"], ["dave"], ["carol"]]
        assert len(world.conferences) == 2
        for call in (*one, *other):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_the_first_hears_music_until_the_second_comes(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial())
        await settled(world)
        assert plays_music(alice)
        bob = await enter(world, "bob", dial())
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], ["alice"])
        bob.hang_up()
        await settled(world)
        assert silent(alice)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_an_empty_wait_url_is_silence(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl=''"))
        await settled(world)
        assert silent(alice)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_a_wait_document_is_heard_and_then_silence(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = "<Say>Please hold the line.</Say>"
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl='/wait'"))
        await world.until(lambda: bool(alice.heard.any()))
        await world.until(lambda: silent(alice))
        await settled(world)
        assert not alice.ended
        assert len(customer.visited("/wait")) == 1
        bob = await enter(world, "bob", dial("waitUrl='/wait'"))
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], ["alice"])
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)
    assert customer.visited("/wait")[0]["CallSid"] == customer.visited("/voice")[0]["CallSid"]


@virtual
async def test_a_blank_redirect_repeats_the_wait_document(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = "<Pause length='2'/><Redirect/>"
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl='/wait' waitMethod='GET'"))
        await world.until(lambda: len(customer.visited("/wait")) == 3)
        bob = await enter(world, "bob", dial("waitUrl=''"))
        await settled(world)
        visits = len(customer.visited("/wait"))
        assert hears(alice) == ["bob"]
        await world.until(lambda: len(bob.heard) > 8000 * 10)
        assert len(customer.visited("/wait")) == visits
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)
    assert [visit.method for visit in customer.visits if visit.path == "/wait"][:2] == ["GET", "POST"]


@virtual
async def test_a_wait_url_may_be_a_file(tmp_path: Path, customer: Customer) -> None:
    headers = {"Content-Type": "audio/basic", "Cache-Control": "max-age=60"}
    customer.answers["/wait"] = httpx.Response(200, headers=headers, content=b"\x10" * 4000)
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl='/wait' waitMethod='GET'"))
        await world.until(lambda: bool(alice.heard[-160:].any()))
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_a_failing_wait_url_keeps_the_leg_out(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = httpx.Response(500)
    async with World(tmp_path, customer) as world:
        customer.answers["/voice"] = dial(f"waitUrl='/wait' {EVENTS}")
        alice = world.call()
        await world.ended(alice)
        assert world.reports() == [11200, 13233]
        assert not len(world.conferences)
    assert customer.visited("/after")[0]["DialCallStatus"] == "failed"
    assert told(customer) == ["join", "leave", "conference-end"]
    assert customer.visited("/room")[1]["ReasonParticipantLeft"] == "participant_add_failed"


@virtual
async def test_a_forbidden_verb_ends_the_wait_document_and_not_the_wait(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = "<Gather/>"
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl='/wait'"))
        await settled(world)
        assert silent(alice)
        assert world.reports() == [13238]
        assert world.conferences.participants == 1
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_who_may_not_start_it_waits_for_one_who_may(tmp_path: Path, customer: Customer) -> None:
    guest = dial("startConferenceOnEnter='false' waitUrl=''")
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, guest) for name in ("alice", "bob")]
        await settled(world)
        assert silent(alice)
        assert silent(bob)
        carol = await enter(world, "carol", dial("waitUrl=''"))
        await settled(world)
        assert [hears(call) for call in (alice, bob, carol)] == [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
        for call in (alice, bob, carol):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_the_moderator_takes_everybody_along(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(f"endConferenceOnExit='true' participantLabel='boss' {EVENTS}"))
        bob = await enter(world, "bob", dial())
        alice.hang_up()
        await world.ended(bob)
    forms = customer.visited("/room")
    assert told(customer) == ["join", "join", "conference-start", "leave", "leave", "conference-end"]
    assert [form["SequenceNumber"] for form in forms] == ["1", "2", "3", "4", "5", "6"]
    assert len({form["ConferenceSid"] for form in forms}) == 1
    assert forms[0] | {"ConferenceSid": "", "Timestamp": "", "CallSid": "", "AccountSid": ""} == {
        "ConferenceSid": "",
        "FriendlyName": "Room 1",
        "AccountSid": "",
        "StatusCallbackEvent": "participant-join",
        "SequenceNumber": "1",
        "Timestamp": "",
        "CallSid": "",
        "ParticipantLabel": "boss",
        "Muted": "false",
        "Hold": "false",
        "Coaching": "false",
        "EndConferenceOnExit": "true",
        "StartConferenceOnEnter": "true",
    }
    assert [(form["ParticipantCallStatus"], form["ReasonParticipantLeft"]) for form in forms[3:5]] == [
        ("completed", "participant_hung_up"),
        ("in-progress", "moderator_ended_conference"),
    ]
    end = forms[5]
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert (end["CallSidEndingConference"], end["ParticipantLabelEndingConference"]) == (forms[0]["CallSid"], "boss")
    afterwards = {form["CallSid"]: form for form in customer.visited("/after")}
    assert afterwards[forms[0]["CallSid"]]["CallStatus"] == "completed"
    assert afterwards[forms[1]["CallSid"]]["CallStatus"] == "in-progress"
    assert {form["DialCallStatus"] for form in afterwards.values()} == {"answered"}
    assert all("DialCallSid" not in form and "DialCallDuration" not in form for form in afterwards.values())


@virtual
async def test_the_next_verb_runs_without_an_action(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("endConferenceOnExit='true'", ""))
        bob = await enter(world, "bob", dial("", "") + "<Redirect>/next</Redirect>")
        customer.answers["/next"] = "<Hangup/>"
        alice.hang_up()
        await world.ended(bob)
    assert customer.visited("/next")


@virtual
async def test_a_name_that_was_used_before_is_a_new_conference(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        sids = []
        for _ in range(2):
            alice = await enter(world, "alice", dial())
            sids.append(conference(world).sid)
            alice.hang_up()
            await world.ended(alice)
        assert sids[0] != sids[1]


@virtual
async def test_who_is_turned_out_may_come_back_to_a_new_conference(tmp_path: Path, customer: Customer) -> None:
    """The document after the Dial dials the same name while the old conference is being taken apart."""
    again = dial("endConferenceOnExit='true'", "") + dial("", "")
    async with World(tmp_path, customer) as world:
        alice, bob = [await enter(world, name, again) for name in ("alice", "bob")]
        first = conference(world)
        first.end()
        second = conference(world)
        assert second.sid != first.sid
        assert len(second.participants) == 2
        assert second.rules.started
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], ["alice"])
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_star_leaves_the_conference_when_the_dial_says_so(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial(EVENTS, "action='/after' hangupOnStar='true'"))
        bob = await enter(world, "bob", dial())
        bob.press("*")
        await settled(world)
        assert world.conferences.participants == 2
        alice.press("*")
        await world.ended(alice)
        assert world.conferences.participants == 1
        bob.hang_up()
        await world.ended(bob)
    assert customer.visited("/after")[0]["DialCallStatus"] == "answered"
    assert customer.visited("/room")[3]["ReasonParticipantLeft"] == "participant_hung_up"


@virtual
async def test_the_time_limit_ends_the_stay(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl=''", "action='/after' timeLimit='7'"))
        await world.ended(alice)
        assert len(alice.heard) / 8000 == pytest.approx(7, abs=0.2)
    assert customer.visited("/after")[0]["DialCallStatus"] == "answered"


@virtual
async def test_a_full_conference_takes_no_third(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        calls = [await enter(world, name, dial("maxParticipants='2'")) for name in ("alice", "bob")]
        customer.answers["/voice"] = dial("maxParticipants='2'") + "<Redirect>/full</Redirect>"
        customer.answers["/full"] = "<Hangup/>"
        carol = world.call(from_="sip:carol@carrier")
        await world.ended(carol)
        assert [entry.data["code"] for entry in world.journal("/full") if entry.kind == "report"] == [16020]
        assert not customer.visited("/after")
        for call in calls:
            call.hang_up()
            await world.ended(call)


@virtual
async def test_the_switch_has_a_limit_of_its_own(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=Limits(conference_participants=2)) as world:
        calls = [await enter(world, name, dial("maxParticipants='250'")) for name in ("alice", "bob")]
        customer.answers["/voice"] = dial("maxParticipants='250'")
        await world.ended(world.call(from_="sip:carol@carrier"))
        assert world.conferences.participants == 2
        for call in calls:
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_wait_document_that_fails_later_is_followed_by_silence(tmp_path: Path, customer: Customer) -> None:
    """Whoever was let in is not turned out because the customer's server has a bad minute."""
    customer.answers["/wait"] = "<Pause length='2'/><Redirect/>"
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl='/wait'"))
        customer.answers["/wait"] = httpx.Response(503)
        await world.until(lambda: len(customer.visited("/wait")) == 2)
        await settled(world)
        assert world.reports() == [11200]
        bob = await enter(world, "bob", dial())
        await settled(world)
        assert (hears(alice), hears(bob)) == (["bob"], ["alice"])
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_label_in_use_leads_to_the_next_verb(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("participantLabel='agent'"))
        customer.answers["/voice"] = dial("participantLabel='agent'") + "<Redirect>/taken</Redirect>"
        customer.answers["/taken"] = "<Hangup/>"
        await world.ended(world.call(from_="sip:bob@carrier"))
        assert [entry.data["code"] for entry in world.journal("/taken") if entry.kind == "report"] == [16025]
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_coaching_a_stranger_leads_straight_to_the_action(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = dial(f"coach='CA{'0' * 32}'") + "<Redirect>/next</Redirect>"
    async with World(tmp_path, customer) as world:
        await world.ended(world.call())
        assert world.reports() == [13240]
        assert not len(world.conferences)
    assert customer.visited("/after")[0]["DialCallStatus"] == "failed"
    assert not customer.visited("/next")


@pytest.mark.parametrize(
    ("how", "enters", "exits"), [("true", True, True), ("false", False, False), ("onEnter", True, False), ("onExit", False, True)]
)
@virtual
async def test_beeps_tell_who_comes_and_goes(tmp_path: Path, customer: Customer, how: str, enters: bool, exits: bool) -> None:
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("waitUrl=''"), talks=False)
        await settled(world)
        bob = await enter(world, "bob", dial().replace("beep='false'", f"beep='{how}'"), talks=False)
        await settled(world)
        assert holds(alice.heard, beep.entry(8000)) == enters
        bob.hang_up()
        await settled(world)
        assert holds(alice.heard, beep.exit(8000)) == exits
        alice.hang_up()
        await world.ended(alice)
        await settled(world)
        assert world.bus.claimed == 0


@virtual
async def test_the_first_participant_decides_who_is_told(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/other"] = ""
    async with World(tmp_path, customer) as world:
        alice = await enter(world, "alice", dial("statusCallback='/room' statusCallbackEvent='leave end'"))
        bob = await enter(world, "bob", dial("statusCallback='/other' statusCallbackEvent='join leave'"))
        for call in (bob, alice):
            call.hang_up()
            await world.ended(call)
    assert not customer.visited("/other")
    assert told(customer) == ["leave", "leave", "conference-end"]
    assert [form["SequenceNumber"] for form in customer.visited("/room")] == ["1", "2", "3"]


@virtual
async def test_fifty_come_and_go_and_leave_nothing_behind(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = dial("waitUrl=''").replace("beep='false'", "")
    async with World(tmp_path, customer) as world:
        calls = [world.call(from_=f"sip:caller{number}@carrier") for number in range(50)]
        await world.until(lambda: world.conferences.participants == 50)
        for call in calls:
            call.hang_up()
        await world.until(lambda: not len(world.registry))
        await world.until(lambda: world.bus.claimed == 0)
        assert not len(world.conferences)
        assert world.mixer.playing == 0
