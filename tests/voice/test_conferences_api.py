"""``/Conferences`` of the REST API (spec section 4.7): the live ones, their participants, and what can be changed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.conference import ConferenceInstance
from twilio.rest.api.v2010.account.conference.participant import ParticipantInstance

from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.meeting import EVENTS, conference, dial, enter, hears, meeting_customer, participant, plays_music, settled, told

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
        assert (await client.get(f"{ROOT}/{ended['sid']}.json")).status_code == 404
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
