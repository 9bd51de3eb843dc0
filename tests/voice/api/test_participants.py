"""``POST /Conferences/{CF}/Participants``: phones that are called into a conference (spec section 4.7)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from media.tone import ringback
from sip.fake import FakeCall, FakePhone, answers, busy, early_media, rings
from tests.voice.api.sdk import ask, served
from tests.voice.calls.test_recovery import crash
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.meeting import (
    PITCH,
    conference,
    dial,
    enter,
    hears,
    holds,
    meeting_customer,
    participant,
    plays_music,
    settled,
    tone,
)
from voice.accounts.accounts import Account
from voice.settings import Limits

ROOT = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Conferences"
BOB = "sip:bob@carrier"
TOLD = {"ConferenceStatusCallback": f"{HOST}/room", "ConferenceStatusCallbackEvent": "start end join leave mute"}
QUICK = Limits(account_calls_per_second=100)


@pytest.fixture
def customer() -> Customer:
    customer = meeting_customer()
    customer.answers.update({"/status": "", "/steps": ""})
    return customer


async def add(client: httpx.AsyncClient, key: str = "Room 1", **fields: Any) -> dict[str, Any]:
    """Call somebody into a conference; what the API answers."""
    form = {"From": "+15550199", "To": BOB, **fields}
    answer = await client.post(f"{ROOT}/{key}/Participants.json", data=form)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def look(client: httpx.AsyncClient, made: dict[str, Any]) -> Any:
    return (await client.get(made["uri"])).json()


async def rung(world: World, phone: FakePhone) -> FakeCall:
    await world.until(lambda: bool(phone.calls))
    await asyncio.sleep(0.05)
    return phone.calls[-1]


def told(customer: Customer) -> list[tuple[str, str]]:
    """The events and why somebody left or it ended."""
    forms = customer.visited("/room")
    return [
        (
            form["StatusCallbackEvent"].rpartition("-")[2],
            form.get("ReasonParticipantLeft") or form.get("ReasonConferenceEnded", ""),
        )
        for form in forms
    ]


@virtual
async def test_a_phone_that_is_called_into_a_live_conference_hears_it_and_is_heard(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial())
        made = await add(client, conference(world).sid, Label="the expert", Beep="false")
        assert (made["status"], made["queue_time"], made["label"]) == ("queued", "0", "the expert")
        assert made["conference_sid"] == conference(world).sid
        call = await rung(world, bob)
        assert (await look(client, made))["status"] == "ringing"
        listed = (await client.get(f"{ROOT}/{made['conference_sid']}/Participants.json")).json()["participants"]
        assert [each["status"] for each in listed] == ["connected", "ringing"]
        call.answer()
        call.say(tone(PITCH["bob"]))
        await world.until(lambda: world.conferences.participants == 2)
        await settled(world)
        assert (hears(alice), hears(call)) == (["bob"], ["alice"])
        by_label = (await client.get(f"{ROOT}/Room 1/Participants/the expert.json")).json()
        assert (by_label["call_sid"], by_label["status"], by_label["queue_time"]) == (made["call_sid"], "connected", None)
        placed = (await client.get(f"{ROOT.replace('Conferences', 'Calls')}/{made['call_sid']}.json")).json()
        assert (placed["direction"], placed["status"], placed["to"]) == ("outbound-api", "in-progress", BOB)
        assert (await client.delete(made["uri"])).status_code == 204
        await world.until(lambda: call.ended)
        assert (await look(client, made))["status"] == "complete"
        assert (await client.delete(made["uri"])).status_code == 404
        alice.hang_up()
        await world.ended(alice)
        assert (await client.get(made["uri"])).status_code == 404


@virtual
async def test_a_conference_is_made_for_whom_it_calls(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, answers(after=5.0))
        made = await add(client, "New room", **TOLD, WaitUrl="")
        (listed,) = (await client.get(f"{ROOT}.json")).json()["conferences"]
        assert (listed["sid"], listed["friendly_name"], listed["status"]) == (made["conference_sid"], "New room", "init")
        await world.until(lambda: world.conferences.participants == 1)
        alice = await enter(world, "alice", dial(name="New room"))
        await settled(world)
        assert hears(bob.calls[0]) == ["alice"]
        alice.hang_up()
        await world.ended(alice)
        bob.calls[0].hang_up()
        await world.ended(bob.calls[0])
        over = (await client.get(f"{ROOT}/{made['conference_sid']}.json")).json()
        assert (over["status"], over["call_sid_ending_conference"]) == ("completed", made["call_sid"])
    left = "participant_hung_up"
    assert told(customer) == [
        *[("join", ""), ("join", ""), ("start", ""), ("leave", left), ("leave", left), ("end", "last-participant-left")]
    ]
    assert customer.visited("/room")[0]["ConferenceSid"] == made["conference_sid"]


@virtual
async def test_whoever_does_not_answer_leaves_without_having_been_there(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        world.fake.phone(BOB, busy())
        made = await add(client, **TOLD)
        await world.until(lambda: not len(world.conferences))
        await asyncio.sleep(0.1)
        found = (await client.get(f"{ROOT}/{made['conference_sid']}.json")).json()
        assert (found["status"], found["reason_conference_ended"]) == ("completed", "last-participant-left")
        assert told(customer) == [("leave", "participant_add_failed"), ("end", "last-participant-left")]
        assert customer.visited("/room")[0]["ParticipantCallStatus"] == "busy"
        alice = await enter(world, "alice", dial())
        second = await add(client, Label="expert")
        await world.until(lambda: not conference(world).rules.expected)
        assert (await look(client, second))["status"] == "failed"
        people = (await client.get(f"{ROOT}/Room 1/Participants.json")).json()["participants"]
        assert [each["status"] for each in people] == ["connected"]
        assert (await add(client, Label="expert"))["label"] == "expert"
        await world.until(lambda: not conference(world).rules.expected)
        alice.hang_up()
        await world.ended(alice)


@pytest.mark.parametrize("how", ["kicked", "conference ended", "call ended", "last one left"])
@virtual
async def test_a_phone_that_rings_is_left_alone_when_nobody_wants_it_any_more(
    tmp_path: Path, customer: Customer, how: str
) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial("endConferenceOnExit='true'"))
        made = await add(client)
        call = await rung(world, bob)
        match how:
            case "kicked":
                assert (await client.delete(made["uri"])).status_code == 204
            case "conference ended":
                await client.post(f"{ROOT}/Room 1.json", data={"Status": "completed"})
            case "call ended":
                address = f"{ROOT.replace('Conferences', 'Calls')}/{made['call_sid']}.json"
                await client.post(address, data={"Status": "completed"})
            case _:
                alice.hang_up()
        await world.until(lambda: call.ended)
        alice.hang_up()
        await world.ended(alice)
        await asyncio.sleep(1)
        assert not len(world.conferences)


@virtual
async def test_the_conference_lives_on_while_somebody_is_called(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial())
        made = await add(client)
        call = await rung(world, bob)
        alice.hang_up()
        await world.ended(alice)
        call.answer()
        await world.until(lambda: world.conferences.participants == 1)
        assert conference(world).sid == made["conference_sid"]
        call.hang_up()
        await world.ended(call)
        assert not len(world.conferences)


@virtual
async def test_who_waits_hears_the_phone_ring_and_its_early_media(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial())
        await settled(world)
        assert plays_music(alice)
        await add(client)
        call = await rung(world, bob)
        await asyncio.sleep(1)
        assert holds(alice.heard[-12_000:], ringback("", 8000)[:4000])
        call.ring(183, early_media=True)
        call.say(tone(PITCH["dave"]))
        await settled(world)
        assert hears(alice) == ["dave"]
        call.answer()
        await world.until(lambda: conference(world).rules.started)
        await settled(world)
        assert hears(alice) == ["dave"]
        call.hang_up()
        await world.ended(call)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_who_waits_gets_the_music_back_when_nobody_answers(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial())
        await add(client)
        call = await rung(world, bob)
        await settled(world)
        assert not plays_music(alice)
        call.reject(486)
        await settled(world)
        assert plays_music(alice)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_without_early_media_the_ringing_is_not_heard(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, early_media())
        alice = await enter(world, "alice", dial())
        await add(client, EarlyMedia="false")
        call = await rung(world, bob)
        call.say(tone(PITCH["dave"]))
        await settled(world)
        assert plays_music(alice)
        call.hang_up()
        await world.ended(call)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_how_somebody_will_join_is_changed_while_the_phone_rings(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        alice = await enter(world, "alice", dial())
        made = await add(client, Beep="false")
        call = await rung(world, bob)
        for fields in ({"Hold": "true"}, {"AnnounceUrl": f"{HOST}/x"}, {"WaitUrl": ""}, {"Coaching": "false"}):
            refused = await client.post(made["uri"], data={"Muted": "true", **fields})
            assert (refused.status_code, refused.json()["code"]) == (400, 16001)
        changed = (await client.post(made["uri"], data={"Muted": "true", "EndConferenceOnExit": "true"})).json()
        assert (changed["muted"], changed["end_conference_on_exit"], changed["status"]) == (True, True, "ringing")
        call.answer()
        call.say(tone(PITCH["bob"]))
        await world.until(lambda: conference(world).rules.started)
        await settled(world)
        assert (hears(alice), hears(call)) == ([], ["alice"])
        call.hang_up()
        await world.ended(alice)


@virtual
async def test_everything_about_the_participant_is_as_it_was_asked_for(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/wait"] = "<Pause length='60'/>"
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        fields: dict[str, Any] = {
            "Label": "L",
            "Muted": "true",
            "Beep": "onExit",
            "StartConferenceOnEnter": "false",
            "EndConferenceOnExit": "true",
            "WaitUrl": f"{HOST}/wait",
            "WaitMethod": "GET",
            "MaxParticipants": "2",
            "JitterBufferSize": "small",
            "Region": "ie1",
            "ConferenceRecord": "true",
            "ConferenceTrim": "do-not-trim",
            "ConferenceRecordingStatusCallback": f"{HOST}/steps",
            "CallerId": "+15550188",
            "CallerDisplayName": "The Office",
            "CallReason": "lunch",
            "SipAuthUsername": "u",
            "SipAuthPassword": "p",
            "Timeout": "20",
            "TimeLimit": "60",
            "StatusCallback": f"{HOST}/status",
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
            "Record": "true",
            "RecordingChannels": "dual",
            "RecordingStatusCallback": f"{HOST}/steps",
            "RecordingStatusCallbackEvent": "in-progress completed",
            "MachineDetection": "Enable",
            "AmdStatusCallback": f"{HOST}/steps",
            "ConferenceStatusCallback": f"{HOST}/room",
        }
        made = await add(client, **fields)
        flags = {name: made[name] for name in ("muted", "start_conference_on_enter", "end_conference_on_exit", "label")}
        assert flags == {"muted": True, "start_conference_on_enter": False, "end_conference_on_exit": True, "label": "L"}
        call = await rung(world, bob)
        invitation = call.invitation
        assert invitation is not None
        assert (invitation.from_uri.split("@")[0], invitation.from_display) == ("sip:+15550188", "The Office")
        assert invitation.credentials is not None
        call.answer()
        await world.until(lambda: world.conferences.participants == 1)
        alice = await enter(world, "alice", dial(), talks=False)
        assert [visit.method for visit in customer.visits if visit.path == "/wait"] == ["GET"]
        await world.until(lambda: call.ended, 70)
        await world.ended(alice)
        await asyncio.sleep(1)
    assert [form["CallStatus"] for form in customer.visited("/status") if form["CallSid"] == made["call_sid"]] == [
        *["initiated", "ringing", "in-progress", "completed"]
    ]
    assert [event for event, _ in told(customer)] == ["start", "end"]
    steps = customer.visited("/steps")
    assert {form["RecordingSource"] for form in steps if "RecordingSid" in form} == {"OutboundAPI", "Conference"}
    assert [form["CallSid"] for form in steps if "AnsweredBy" in form] == [made["call_sid"]]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "nobody"}, 21211),
        ({"Label": "a/b"}, 16024),
        ({"Label": "x" * 129}, 16024),
        ({"Label": "CA" + "0" * 32}, 16024),
        ({"Label": "A"}, 16026),
        ({"MaxParticipants": "1"}, 20001),
        ({"MaxParticipants": "2"}, 16020),
        ({"Coaching": "true"}, 20001),
        ({"Coaching": "true", "CallSidToCoach": "bob"}, 13240),
        ({"Coaching": "true", "CallSidToCoach": "CA" + "0" * 32}, 16028),
        ({"Beep": "sometimes"}, 20001),
        ({"WaitUrl": "nowhere"}, 21205),
        ({"WaitMethod": "PUT"}, 21209),
        ({"Timeout": "4"}, 21208),
        ({"ConferenceRecord": "perhaps"}, 20001),
        ({"ConferenceStatusCallback": "ftp://x"}, 21205),
        ({"MachineDetection": "Perhaps"}, 21234),
        ({"Region": "moon"}, 20001),
    ],
    ids=str,
)
@virtual
async def test_what_cannot_be_is_refused_and_nobody_is_called(
    tmp_path: Path, customer: Customer, fields: dict[str, str], code: int
) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB)
        calls = [await enter(world, "alice", dial("participantLabel='A'")), await enter(world, "carol", dial())]
        form = {"To": BOB, "From": "x", **fields}
        answer = await client.post(f"{ROOT}/Room 1/Participants.json", data=form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        await asyncio.sleep(1)
        assert (bob.calls, conference(world).rules.expected) == ([], {})
        for call in calls:
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_coach_is_called_for_one_who_is_there_and_not_on_hold(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB)
        calls = [await enter(world, name, dial()) for name in ("alice", "carol")]
        alice = participant(world, 0).member.call_sid
        coach = {"Coaching": "true", "CallSidToCoach": alice}
        await client.post(f"{ROOT}/Room 1/Participants/{alice}.json", data={"Hold": "true"})
        refused = await client.post(f"{ROOT}/Room 1/Participants.json", data={"To": BOB, "From": "x", **coach})
        assert (refused.status_code, refused.json()["code"]) == (400, 16027)
        await client.post(f"{ROOT}/Room 1/Participants/{alice}.json", data={"Hold": "false"})
        made = await add(client, Beep="false", **coach)
        assert (made["coaching"], made["call_sid_to_coach"]) == (True, alice)
        await world.until(lambda: world.conferences.participants == 3)
        bob.calls[0].say(tone(PITCH["bob"]))
        await settled(world)
        assert [hears(call) for call in (*calls, bob.calls[0])] == [["bob", "carol"], ["alice"], ["alice", "carol"]]
        for call in (*calls, bob.calls[0]):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_conference_that_is_not_live_is_not_found_by_its_sid(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        subaccount = Account("AC" + "2" * 32, "other", owner_sid=ACCOUNT.sid)
        world.accounts.put(subaccount)
        world.fake.phone(BOB, busy())
        over = (await add(client))["conference_sid"]
        await world.until(lambda: not len(world.conferences))
        alice = await enter(world, "alice", dial())
        form = {"To": BOB, "From": "x"}
        theirs = ROOT.replace(ACCOUNT.sid, subaccount.sid)
        for address in (f"{ROOT}/CF{'0' * 32}", f"{ROOT}/{over}", f"{theirs}/{conference(world).sid}"):
            answer = await client.post(f"{address}/Participants.json", data=form)
            assert (answer.status_code, answer.json()["code"]) == (404, 16022)
        long = await client.post(f"{ROOT}/{'x' * 129}/Participants.json", data=form)
        assert (long.status_code, long.json()["code"]) == (400, 13237)
        world.fake.phone(BOB, rings()).behaviour = rings()
        own = (await client.post(f"{theirs}/Room 1/Participants.json", data=form)).json()
        assert own["conference_sid"] != conference_of(world, ACCOUNT.sid)
        assert own["account_sid"] == subaccount.sid
        assert (await client.get(own["uri"].replace(subaccount.sid, ACCOUNT.sid))).status_code == 404
        assert (await client.delete(own["uri"])).status_code == 204
        alice.hang_up()
        await world.ended(alice)


def conference_of(world: World, account_sid: str) -> str:
    return next(each.sid for each in world.conferences if each.account_sid == account_sid)


@virtual
async def test_participants_are_called_one_after_the_other_and_told_how_long_that_takes(
    tmp_path: Path, customer: Customer
) -> None:
    async with World(tmp_path, customer, limits=Limits(account_calls_per_second=0.5)) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        made = [await add(client) for _ in range(3)]
        assert [each["queue_time"] for each in made] == ["0", "2000", "4000"]
        assert (await look(client, made[2]))["status"] == "queued"
        assert (await client.delete(made[2]["uri"])).status_code == 204
        await asyncio.sleep(5)
        assert len(bob.calls) == 2
        for call in bob.calls:
            call.hang_up()
        await world.until(lambda: not len(world.conferences))


@virtual
async def test_who_waits_to_be_called_joins_the_same_conference_after_a_crash(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path / "a", customer, limits=Limits(account_calls_per_second=0.001)) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        await add(client, "Other")
        await rung(world, bob)
        made = await add(client, "Room 1", Label="L", Muted="true")
        left = await crash(world, tmp_path / "b")
        bob.calls[0].hang_up()
        await world.until(lambda: not len(world.conferences) - 1)
        await client.delete(made["uri"])
    async with World(left, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB)
        await world.until(lambda: world.conferences.participants == 1)
        assert conference(world).sid == made["conference_sid"]
        found = await look(client, made)
        assert (found["status"], found["label"], found["muted"]) == ("connected", "L", True)
        states = [(each["friendly_name"], each["status"]) for each in (await client.get(f"{ROOT}.json")).json()["conferences"]]
        assert sorted(states) == [("Other", "completed"), ("Room 1", "init")]
        bob.calls[0].hang_up()
        await world.ended(bob.calls[0])


@virtual
async def test_a_full_conference_takes_nobody_who_was_called_before(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        bob = world.fake.phone(BOB, rings())
        made = await add(client, MaxParticipants="2", **TOLD)
        call = await rung(world, bob)
        calls = [await enter(world, name, dial()) for name in ("alice", "carol")]
        call.answer()
        await world.ended(call)
        assert (await look(client, made))["status"] == "complete"
        for each in calls:
            each.hang_up()
            await world.ended(each)
    assert ("leave", "participant_add_failed") in told(customer)


@virtual
async def test_an_application_is_called_into_a_conference_with_its_parameters(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/robot"] = "<Say>Hello.</Say><Pause length='60'/>"
    async with World(tmp_path, customer, limits=QUICK) as world, world.client() as client:
        made = await client.post(
            f"/2010-04-01/Accounts/{ACCOUNT.sid}/Applications.json", data={"FriendlyName": "r", "VoiceUrl": f"{HOST}/robot"}
        )
        application = made.json()["sid"]
        ourselves = world.fake.phone(f"sip:{application}@127.0.0.1:5060", rings())
        await add(client, To=f"app:{application}?mood=good&a+b=%C3%BC")
        invitation = (await rung(world, ourselves)).invitation
        assert invitation is not None
        far = world.fake.phone("sip:+15550199@127.0.0.1").dial(invitation.uri, invitation.headers)
        await world.until(lambda: far.answered)
        (form,) = customer.visited("/robot")
        assert (form["Param_mood"], form["Param_a b"], form["To"], form["Direction"]) == ("good", "ü", application, "inbound")
        for name, value in ((invitation.headers[0][0], f"{application}?;00"), ("X-Other", invitation.headers[0][1])):
            stranger = world.fake.phone("sip:x@y").dial(invitation.uri, ((name, value),))
            await stranger.until(lambda call: call.ended)
            assert stranger.ended_code == 404
        far.hang_up()
        ourselves.calls[0].reject(486)
        await world.ended(far)
        for to, code in ((f"app:AP{'0' * 32}", 21214), ("app:robot", 21211)):
            answer = await client.post(f"{ROOT}/Room 1/Participants.json", data={"To": to, "From": "x"})
            assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_the_sdk_works_with_participants(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, limits=QUICK) as world, served(world) as client:
        sdk, bob = client(), world.fake.phone(BOB, rings())
        room = sdk.conferences("Room 1")
        made = await ask(lambda: room.participants.create(from_="+15550199", to=BOB, label="expert", beep="false"))
        assert (made.status, made.queue_time, made.label) == ("queued", "0", "expert")
        call = await rung(world, bob)
        alice = await enter(world, "alice", dial())
        call.answer()
        await world.until(lambda: world.conferences.participants == 2)
        room = sdk.conferences(made.conference_sid)
        people = await ask(room.participants.list)
        assert [(each.label, each.status) for each in people] == [(None, "connected"), ("expert", "connected")]
        muted = await ask(lambda: room.participants("expert").update(muted=True))
        assert muted.muted
        assert [each.label for each in await ask(lambda: room.participants.list(muted=True))] == ["expert"]
        assert await ask(room.participants("expert").delete)
        ended = await ask(lambda: room.update(status="completed"))
        assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
        assert [each.sid for each in await ask(lambda: sdk.conferences.list(status="completed"))] == [made.conference_sid]
        assert await ask(room.participants.list) == []
        with pytest.raises(TwilioRestException) as refused:
            await ask(lambda: room.participants.create(from_="x", to=BOB))
        assert refused.value.code == 16022
        await world.ended(alice)
