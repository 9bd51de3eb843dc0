"""``/Conferences`` of the REST API (spec section 4.7): which there are and were, who is in them, and what can be changed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.conference import ConferenceInstance
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance

from tests.voice.calls.test_recovery import crash
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.meeting import EVENTS, conference, dial, enter, hears, meeting_customer, participant, plays_music, settled, told
from voice.accounts.accounts import Account

ROOT = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Conferences"


@pytest.fixture
def customer() -> Customer:
    return meeting_customer()


def _client(world: World) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(world.app())
    return httpx.AsyncClient(transport=transport, base_url="http://switch", auth=(ACCOUNT.sid, ACCOUNT.auth_token))


def _address(world: World, key: str = "") -> str:
    return f"{ROOT}/{conference(world).sid}" + (f"/Participants/{quote(key, safe='')}.json" if key else ".json")


@virtual
async def test_the_sdk_reads_a_conference_and_a_participant(tmp_path: Path, customer: Customer) -> None:
    sdk = Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=TwilioHttpClient()).api.v2010
    async with World(tmp_path, customer) as world, _client(world) as client:
        alice = await enter(world, "alice", dial("participantLabel='the boss' endConferenceOnExit='true'"))
        found = (await client.get(_address(world))).json()
        instance = ConferenceInstance(sdk, found, account_sid=ACCOUNT.sid)
        assert (instance.friendly_name, instance.status, instance.sid) == ("Room 1", "init", conference(world).sid)
        assert instance.date_created is not None
        people = (await client.get(_address(world, "the boss"))).json()
        person = ParticipantInstance(sdk, people, account_sid=ACCOUNT.sid, conference_sid=instance.sid)
        assert (person.label, person.call_sid, person.status) == ("the boss", participant(world, 0).member.call_sid, "connected")
        assert (person.muted, person.hold, person.coaching, person.end_conference_on_exit) == (False, False, False, True)
        by_name = await client.get(f"{ROOT}/Room%201/Participants/{person.call_sid}.json")
        assert by_name.json() == people
        bob = await enter(world, "bob", dial())
        assert (await client.get(_address(world))).json()["status"] == "in-progress"
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)


@virtual
async def test_everything_about_a_participant_is_changed_on_the_fly(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/announce"] = "<Pause length='1'/>"
    async with World(tmp_path, customer) as world, _client(world) as client:
        calls = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob", "carol")]
        alice, bob, carol = (each.member.call_sid for each in conference(world).participants.values())

        async def change(sid: str, **fields: str) -> list[list[str]]:
            answer = await client.post(_address(world, sid), data=fields)
            assert answer.status_code == 200, answer.text
            await settled(world)
            return [hears(call) for call in calls]

        everybody = [["bob", "carol"], ["alice", "carol"], ["alice", "bob"]]
        assert await change(alice, Muted="true") == [["bob", "carol"], ["carol"], ["bob"]]
        assert await change(alice, Muted="nonsense") == everybody
        assert await change(bob, Hold="true") == [["carol"], [], ["alice"]]
        assert plays_music(calls[1])
        assert await change(bob, Hold="false") == everybody
        assert await change(carol, Coaching="true", CallSidToCoach=alice) == [["bob", "carol"], ["alice"], ["alice", "bob"]]
        assert await change(carol, CallSidToCoach=bob) == [["bob"], ["alice", "carol"], ["alice", "bob"]]
        assert await change(carol, Coaching="false") == everybody
        assert await change(alice, EndConferenceOnExit="true", BeepOnExit="false") == everybody
        await change(alice, AnnounceUrl=f"{HOST}/announce", AnnounceMethod="GET")
        await settled(world)
        assert (await client.post(_address(world), data={"AnnounceUrl": f"{HOST}/announce"})).status_code == 200
        for _ in range(2):
            await settled(world)
        assert [visit.method for visit in customer.visits if visit.path == "/announce"] == ["GET", "POST"]
        for call in calls:
            call.hang_up()
            await world.ended(call)
    assert told(customer)[4:] == [
        *["mute", "unmute", "hold", "unhold", "modify", "modify", "modify", "modify", "announcement-end", "announcement-end"],
        *["leave", "leave", "leave", "conference-end"],
    ]


@virtual
async def test_a_participant_is_turned_out_and_a_conference_ended(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        alice, bob = [await enter(world, name, dial(EVENTS)) for name in ("alice", "bob")]
        address = _address(world, participant(world, 0).member.call_sid)
        assert (await client.delete(address)).status_code == 204
        await world.ended(alice)
        assert (await client.delete(address)).status_code == 404
        ended = (await client.post(_address(world), data={"Status": "completed"})).json()
        assert (ended["status"], ended["reason_conference_ended"]) == ("completed", "conference-ended-via-api")
        await world.ended(bob)
        over = await client.get(f"{ROOT}/{ended['sid']}.json")
        assert over.json() == ended
    assert customer.visited("/room")[-1]["ReasonConferenceEnded"] == "conference-ended-via-api"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Coaching": "true"}, 20001),
        ({"CallSidToCoach": "CA" + "0" * 32}, 16028),
        ({"HoldUrl": "nowhere", "Hold": "true"}, 21205),
        ({"HoldMethod": "PUT", "Hold": "true"}, 21209),
        ({"AnnounceUrl": "ftp://x"}, 21205),
        ({"WaitUrl": "x"}, 21205),
    ],
    ids=str,
)
@virtual
async def test_a_wrong_change_changes_nothing(tmp_path: Path, customer: Customer, fields: dict[str, str], code: int) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        alice = await enter(world, "alice", dial(EVENTS))
        sid = participant(world, 0).member.call_sid
        answer = await client.post(_address(world, sid), data={"Muted": "true", **fields})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert told(customer) == ["join"]
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_who_is_not_there_cannot_be_changed(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        alice = await enter(world, "alice", dial())
        stranger = f"{ROOT.replace(ACCOUNT.sid, 'AC' + '9' * 32)}/{conference(world).sid}.json"
        for address in (_address(world, "nobody"), f"{ROOT}/CF{'0' * 32}.json", f"{ROOT}/Room%202.json", stranger):
            answer = await client.get(address)
            assert (answer.status_code, answer.json()["code"]) == (404, 20404)
        assert (await client.post(_address(world), data={"Status": "init"})).json()["code"] == 20001
        async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url="http://switch") as nobody:
            assert (await nobody.get(_address(world))).status_code == 401
        alice.hang_up()
        await world.ended(alice)


async def meet(world: World, name: str, *, seconds: float = 0) -> str:
    """Let a conference of two begin and end; its SID."""
    calls = [await enter(world, person, dial(name=name), talks=False) for person in ("alice", "bob")]
    sid = next(each.sid for each in world.conferences if each.name == name)
    await asyncio.sleep(seconds)
    for call in calls:
        call.hang_up()
        await world.ended(call)
    return sid


@virtual
async def test_conferences_are_listed_when_they_are_over_too(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        sids = [await meet(world, name) for name in ("Red", "Blue", "Red")]
        alice = await enter(world, "alice", dial(name="Blue"))

        async def listed(**filters: str) -> list[tuple[str, str]]:
            answer = await client.get(f"{ROOT}.json", params=filters)
            return [(each["friendly_name"], each["status"]) for each in answer.json()["conferences"]]

        over = "completed"
        assert await listed() == [("Blue", "init"), ("Red", over), ("Blue", over), ("Red", over)]
        assert await listed(FriendlyName="Red") == [("Red", over), ("Red", over)]
        assert await listed(Status="completed", FriendlyName="Blue") == [("Blue", over)]
        assert await listed(Status="in-progress") == []
        assert await listed(DateCreated="2030-01-01", Status="init") == [("Blue", "init")]
        assert await listed(**{"DateCreated<": "2029-12-31"}) == []
        assert len(await listed(**{"DateUpdated>": "2030-01-01"})) == 4
        page, seen = (await client.get(f"{ROOT}.json?PageSize=2&Status=completed")).json(), []
        while True:
            seen += [each["sid"] for each in page["conferences"]]
            if page["next_page_uri"] is None:
                break
            page = (await client.get(page["next_page_uri"])).json()
        assert seen == sids[::-1]
        wrong = await client.get(f"{ROOT}.json", params={"Status": "over"})
        assert (wrong.status_code, wrong.json()["code"]) == (400, 20001)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_a_conference_that_is_over_can_be_looked_at_and_not_changed(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        sid = await meet(world, "Red")
        found = (await client.get(f"{ROOT}/{sid}.json")).json()
        assert (found["status"], found["reason_conference_ended"]) == ("completed", "last-participant-left")
        assert found["call_sid_ending_conference"] == customer.visited("/voice")[1]["CallSid"]
        assert (await client.post(f"{ROOT}/{sid}.json", data={"Status": "completed"})).json() == found
        announced = await client.post(f"{ROOT}/{sid}.json", data={"AnnounceUrl": f"{HOST}/announce"})
        assert (announced.status_code, announced.json()["code"]) == (400, 16022)
        assert (await client.get(f"{ROOT}/{sid}/Participants.json")).json()["participants"] == []
        for gone in (f"{ROOT}/Red.json", f"{ROOT}/Red/Participants.json", f"{ROOT}/{sid}/Participants/CA{'0' * 32}.json"):
            assert (await client.get(gone)).status_code == 404


@virtual
async def test_participants_are_listed_by_what_they_are(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        calls = []
        for name, attributes in (("alice", "participantLabel='A'"), ("bob", "muted='true'"), ("carol", "")):
            calls.append(await enter(world, name, dial(attributes), talks=False))
        alice, bob, carol = (each.member.call_sid for each in conference(world).participants.values())
        await client.post(_address(world, carol), data={"Coaching": "true", "CallSidToCoach": alice})
        await client.post(_address(world, bob), data={"Hold": "true"})

        async def listed(**filters: str) -> list[str]:
            answer = await client.get(f"{ROOT}/{conference(world).sid}/Participants.json", params=filters)
            return [each["call_sid"] for each in answer.json()["participants"]]

        assert await listed() == [alice, bob, carol]
        assert await listed(Muted="true") == await listed(Hold="true") == [bob]
        assert await listed(Coaching="true") == [carol]
        assert await listed(Coaching="false", Hold="false") == [alice]
        page = (await client.get(f"{ROOT}/Room 1/Participants.json?PageSize=2")).json()
        second = (await client.get(page["next_page_uri"])).json()
        assert [each["call_sid"] for each in (*page["participants"], *second["participants"])] == [alice, bob, carol]
        for call in calls:
            call.hang_up()
            await world.ended(call)


@virtual
async def test_a_crash_completes_the_conferences_of_this_node_alone(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path / "a", customer) as world, _client(world) as client:
        alice = await enter(world, "alice", dial())
        sid = conference(world).sid
        left = await crash(world, tmp_path / "b")
        elsewhere = await crash(world, tmp_path / "c")
        alice.hang_up()
        await world.ended(alice)
    async with World(left, customer) as world, _client(world) as client:
        found = (await client.get(f"{ROOT}/{sid}.json")).json()
        assert (found["status"], found["reason_conference_ended"]) == ("completed", "last-participant-left")
    async with World(elsewhere, customer, node="other") as world, _client(world) as client:
        assert (await client.get(f"{ROOT}/{sid}.json")).json()["status"] == "init"


@virtual
async def test_the_end_of_a_conference_is_told_after_a_crash(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path / "a", customer) as world:
        alice = await enter(world, "alice", dial("startConferenceOnEnter='true' " + EVENTS))
        bob = await enter(world, "bob", dial())
        await settled(world)
        left = await crash(world, tmp_path / "b")
        for call in (alice, bob):
            call.hang_up()
            await world.ended(call)
    before = [form["SequenceNumber"] for form in customer.visited("/room")]
    customer.visits.clear()
    async with World(left, customer) as world:
        await world.until(lambda: bool(customer.visited("/room")))
    (told,) = customer.visited("/room")
    assert (told["StatusCallbackEvent"], told["ReasonConferenceEnded"]) == ("conference-end", "last-participant-left")
    assert (told["SequenceNumber"], told["FriendlyName"]) == ("4", "Room 1")
    assert before[:3] == ["1", "2", "3"]


@virtual
async def test_a_conference_whose_first_caller_cannot_join_leaves_nothing(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        call = await enter(world, "alice", dial(f"coach='CA{'0' * 32}'"))
        await world.ended(call)
        assert (await client.get(f"{ROOT}.json")).json()["conferences"] == []


@virtual
async def test_the_conferences_of_another_account_are_not_there(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, _client(world) as client:
        world.accounts.put(Account("AC" + "2" * 32, "other", owner_sid=ACCOUNT.sid))
        theirs = ROOT.replace(ACCOUNT.sid, "AC" + "2" * 32)
        over = await meet(world, "Red")
        alice = await enter(world, "alice", dial())
        for key in (over, conference(world).sid, "Room%201"):
            assert (await client.get(f"{theirs}/{key}.json")).status_code == 404
            assert (await client.get(f"{theirs}/{key}/Participants.json")).status_code == 404
            assert (await client.post(f"{theirs}/{key}.json", data={"Status": "completed"})).status_code == 404
        assert (await client.get(f"{theirs}.json")).json()["conferences"] == []
        alice.hang_up()
        await world.ended(alice)
