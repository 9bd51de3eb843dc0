"""Conferences of whole calls: who hears whom, what is heard while waiting, and who is told."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path

import httpx
import numpy as np
import pytest

from markup import events
from media import beep
from media.dtmf import tones
from media.music import hold_music
from sip.fake import FakeCall
from tests.voice.exchange import HOST, Customer, World, virtual
from voice.conference.conference import Conference
from voice.conference.participant import Participant

PITCH = {"alice": 500, "bob": 900, "carol": 1300, "dave": 1700}
EVENTS = "statusCallback='/room' statusCallbackEvent='start end join leave mute hold modify speaker announcement'"


@pytest.fixture
def customer() -> Customer:
    customer = Customer()
    customer.answers["/room"] = ""
    customer.answers["/after"] = "<Hangup/>"
    return customer


def dial(attributes: str = "", dial_attributes: str = "action='/after'", name: str = "Room 1") -> str:
    return f"<Dial {dial_attributes}><Conference beep='false' {attributes}>{name}</Conference></Dial>"


async def enter(world: World, name: str, document: str, *, talks: bool = True) -> FakeCall:
    """Call, wait until the call is in a conference, and say a tone for ever."""
    world.customer.answers["/voice"] = document
    before = world.conferences.participants
    call = world.call(from_=f"sip:{name}@carrier")
    await world.until(lambda: world.conferences.participants > before or call.ended, 5)
    if talks:
        call.say(tone(PITCH[name]))
    return call


def tone(hertz: float, seconds: float = 600) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (4000 * np.sin(2 * np.pi * hertz * np.arange(int(8000 * seconds)) / 8000)).astype(np.int16)


def hears(call: FakeCall) -> list[str]:
    """Whose tones were in the last half second that a phone heard."""
    samples = call.heard[-4000:].astype(float)
    if len(samples) < 4000:
        return []
    spectrum = np.abs(np.fft.rfft(samples)) / len(samples)
    return [name for name, hertz in PITCH.items() if spectrum[hertz // 2] > 200]


async def settled(world: World) -> None:
    """Let as much time pass as ``hears`` looks back on, and what is on its way arrive."""
    await asyncio.sleep(0.6)


def plays_music(call: FakeCall) -> bool:
    """Whether a phone has just heard a piece of our music."""
    music, heard = hold_music(8000), call.heard[-1600:]
    return any(np.array_equal(music[at : at + 1600], heard) for at in range(0, 8000 * 30, 160))


def silent(call: FakeCall) -> bool:
    return not call.heard[-4000:].any()


def conference(world: World) -> Conference:
    (only,) = world.conferences
    return only


def participant(world: World, number: int) -> Participant:
    return list(conference(world).participants.values())[number]


def told(customer: Customer) -> list[str]:
    return [form["StatusCallbackEvent"].removeprefix("participant-") for form in customer.visited("/room")]


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
    customer.answers["/tone.wav"] = _wav(1700, 2)
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
    assert [form["SequenceNumber"] for form in customer.visited("/room")] == [
        str(number + 1) for number in range(len(customer.visited("/room")))
    ]


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
        assert _holds(alice.heard, beep.entry(8000)) == enters
        bob.hang_up()
        await settled(world)
        assert _holds(alice.heard, beep.exit(8000)) == exits
        alice.hang_up()
        await world.ended(alice)
        await settled(world)
        assert world.bus.claimed == 0


@virtual
async def test_keys_are_heard_in_the_conference(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world:
        alice, bob, carol = [await enter(world, name, dial(), talks=False) for name in ("alice", "bob", "carol")]
        await settled(world)
        alice.press("5")
        await settled(world)
        assert _holds(bob.heard, tones("5", 8000))
        conference(world).mute(participant(world, 0), True)
        alice.press("7")
        await settled(world)
        assert not _holds(carol.heard, tones("7", 8000))
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


def _holds(heard: np.ndarray[tuple[int], np.dtype[np.int16]], sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> bool:
    """Whether a whole sound is in a recording, from some frame on."""
    return any(np.array_equal(heard[at : at + sound.size], sound) for at in range(0, heard.size - sound.size, 160))


def _wav(hertz: float, seconds: float) -> httpx.Response:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(tone(hertz, seconds).tobytes())
    return httpx.Response(200, headers={"Content-Type": "audio/wav", "Cache-Control": "max-age=600"}, content=file.getvalue())
