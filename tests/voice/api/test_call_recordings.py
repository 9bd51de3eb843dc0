"""``/Calls/{CA}/Recordings`` and ``/Conferences/{CF}/Recordings``: recordings of what is going on (section 4.8)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.call.recording import RecordingInstance

from sip.fake import FakeCall, answers
from tests.voice.exchange import ACCOUNT, API, HOST, Customer, World, virtual
from tests.voice.meeting import conference, dial, enter, meeting_customer, settled
from tests.voice.recording.test_recordings import heard_tones, read, the_file, tone

BOB = "sip:bob@carrier"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls"
Recorded = Mapping[str, Any]


@pytest.fixture
def customer() -> Customer:
    return Customer({"/voice": "<Gather timeout='60'/>", "/status": "", "/rec": "", "/next": "<Hangup/>"})


async def talking(world: World) -> tuple[FakeCall, str]:
    """A caller who talks, and the address of the call's recordings."""
    call = world.call()
    await world.until(lambda: call.answered)
    call.say(tone(500, 60))
    return call, f"{CALLS}/{world.customer.visited('/voice')[0]['CallSid']}/Recordings"


async def wait(world: World, seconds: float) -> None:
    began = world.resources.now()
    await world.until(lambda: world.resources.now() - began >= seconds)


async def over(world: World, call: FakeCall) -> None:
    call.hang_up()
    await world.ended(call)
    await world.until(lambda: not len(world.recordings))
    await world.callbacks.drain(5)


async def begin(client: httpx.AsyncClient, path: str, **form: str) -> Recorded:
    answer = await client.post(path + ".json", data=form)
    assert answer.status_code == 201
    begun: Recorded = answer.json()
    return begun


@virtual
async def test_a_live_call_is_recorded_as_the_form_says(tmp_path: Path, customer: Customer) -> None:
    told = {"RecordingStatusCallback": f"{HOST}/rec", "RecordingStatusCallbackEvent": "in-progress completed"}
    async with World(tmp_path, customer) as world, world.client() as client:
        call, path = await talking(world)
        begun = await begin(client, path, RecordingChannels="dual", **told)
        await wait(world, 2)
        assert (await client.get(f"{path}/{begun['sid']}.json")).json() == begun
        await over(world, call)
        done = (await client.get(f"{path}/{begun['sid']}.json")).json()
        assert [heard_tones(channel) for channel in read(the_file(world))] == [{"alice"}, set()]
        instance = RecordingInstance(_sdk(), done, account_sid=ACCOUNT.sid, call_sid=begun["call_sid"])
        assert (instance.source, instance.status, instance.duration, instance.channels) == (
            "StartCallRecordingAPI",
            "completed",
            "2",
            2,
        )
        assert (await client.get(path + ".json")).json()["recordings"] == [done]
    assert (begun["status"], begun["duration"], begun["price_unit"], begun["track"]) == ("in-progress", None, None, "both")
    assert begun["uri"] == f"{path}/{begun['sid']}.json"
    assert [form["RecordingStatus"] for form in customer.visited("/rec")] == ["in-progress", "completed"]
    assert customer.visited("/rec")[1]["RecordingUrl"] == f"{API}/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{begun['sid']}"


def _sdk() -> Any:
    return Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=TwilioHttpClient()).api.v2010


@virtual
async def test_by_default_it_has_one_channel_and_keeps_its_silence(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        call = world.call()
        await world.until(lambda: call.answered)
        path = f"{CALLS}/{customer.visited('/voice')[0]['CallSid']}/Recordings"
        begun = await begin(client, path)
        await wait(world, 3)
        await over(world, call)
        assert read(the_file(world)).shape == (1, pytest.approx(3 * 8000, abs=400))
        done = (await client.get(f"{path}/{begun['sid']}.json")).json()
    assert (done["status"], done["duration"], done["channels"]) == ("completed", "3", 1)


@virtual
async def test_one_track_alone_is_mono(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        call, path = await talking(world)
        begun = await begin(client, path, RecordingChannels="dual", RecordingTrack="outbound")
        await wait(world, 1)
        await over(world, call)
        assert heard_tones(read(the_file(world))[0]) == set()
    assert (begun["channels"], begun["track"]) == (1, "outbound")


@virtual
async def test_a_second_start_changes_nothing_beside_recordings_of_another_source(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Start><Recording/></Start><Gather timeout='60'/>"
    async with World(tmp_path, customer) as world, world.client() as client:
        call, path = await talking(world)
        first, second = await begin(client, path), await begin(client, path, RecordingChannels="dual")
        assert first["sid"] == second["sid"]
        sources = [each["source"] for each in (await client.get(path + ".json")).json()["recordings"]]
        assert sorted(sources) == ["StartCallRecordingAPI", "StartCallRecordingTwiML"]
        await over(world, call)


@virtual
async def test_a_recording_is_paused_resumed_and_stopped(tmp_path: Path, customer: Customer) -> None:
    told = {"RecordingStatusCallback": f"{HOST}/rec", "RecordingStatusCallbackEvent": "started paused resumed stopped completed"}
    async with World(tmp_path, customer) as world, world.client() as client:
        call, path = await talking(world)
        await begin(client, path, **told)
        statuses = []
        for form in (
            {"Status": "paused"},
            {"Status": "in-progress"},
            {"Status": "paused", "PauseBehavior": "skip"},
            {"Status": "paused"},
            {"Status": "in-progress"},
            {"Status": "stopped"},
        ):
            await wait(world, 1)
            answer = await client.post(f"{path}/Twilio.CURRENT.json", data=form)
            assert answer.status_code == 200
            statuses.append(answer.json()["status"])
        await world.until(lambda: not len(world.recordings))
        sound = read(the_file(world))[0]
        again = await client.post(f"{path}/{answer.json()['sid']}.json", data={"Status": "in-progress"})
        nothing = await client.post(f"{path}/Twilio.CURRENT.json", data={"Status": "stopped"})
        await over(world, call)
    assert statuses == ["paused", "in-progress", "paused", "paused", "in-progress", "stopped"]
    assert sound.size / 8000 == pytest.approx(4, abs=0.2)
    assert [bool(heard_tones(second)) for second in np.array_split(sound, 4)] == [True, False, True, True]
    assert (again.status_code, again.json()["code"]) == (400, 21220)
    assert nothing.status_code == 404
    assert [form["RecordingStatus"] for form in customer.visited("/rec")] == [
        "in-progress",
        "paused",
        "in-progress",
        "paused",
        "in-progress",
        "stopped",
        "completed",
    ]


@virtual
async def test_what_cannot_be_recorded_or_controlled_is_refused(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Record playBeep='false' timeout='0'/>"
    async with World(tmp_path, customer) as world, world.client() as client:
        call, path = await talking(world)
        await world.until(lambda: len(world.recordings) > 0)
        (of_verb,) = (await client.get(path + ".json")).json()["recordings"]
        refused = [
            await client.post(f"{path}/{of_verb['sid']}.json", data={"Status": "paused"}),
            await client.post(f"{path}/{of_verb['sid']}.json", data={"Status": "mute"}),
            await client.post(f"{path}/{of_verb['sid']}.json"),
            await client.post(path + ".json", data={"RecordingTrack": "left"}),
            await client.post(path + ".json", data={"RecordingStatusCallback": "/rec"}),
            await client.post(f"{CALLS}/CA{'0' * 32}/Recordings.json"),
            await client.get(f"{CALLS}/CA{'0' * 32}/Recordings.json"),
            await client.get(f"{path.replace('Calls/CA', 'Calls/CA0')}/{of_verb['sid']}.json"),
        ]
        await over(world, call)
        refused.append(await client.post(path + ".json"))
        deleted = await client.delete(f"{path}/{of_verb['sid']}.json")
        gone = await client.get(f"{path}/{of_verb['sid']}.json")
    codes = [(answer.status_code, answer.json()["code"]) for answer in refused]
    assert codes == [(400, code) for code in (21220, 20001, 20001, 20001, 21205)] + [(404, 20404)] * 3 + [(400, 21220)]
    assert (deleted.status_code, gone.status_code) == (204, 404)


@virtual
async def test_the_recording_of_a_dialled_leg_belongs_to_the_call_that_dialled_it(tmp_path: Path, customer: Customer) -> None:
    """`call_sid` is the parent leg."""
    customer.answers["/voice"] = f"<Dial action='/next'><Sip>{BOB}</Sip></Dial>"
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone(BOB, answers())
        call, parents = await talking(world)
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        (child,) = (await client.get(f"{CALLS}.json?ParentCallSid={parents.split('/')[-2]}")).json()["calls"]
        path = f"{CALLS}/{child['sid']}/Recordings"
        begun = await begin(client, path, RecordingTrack="outbound")
        await wait(world, 2)
        assert (await client.get(f"{path}/Twilio.CURRENT.json")).json() == begun
        stopped = (await client.post(f"{path}/{begun['sid']}.json", data={"Status": "stopped"})).json()
        assert (stopped["status"], stopped["uri"]) == ("stopped", f"{parents}/{begun['sid']}.json")
        await over(world, call)
        assert heard_tones(read(the_file(world))[0]) == {"alice"}
        listed = (await client.get(parents + ".json")).json()["recordings"]
    assert [each["sid"] for each in listed] == [begun["sid"]]


@virtual
async def test_a_conference_recording_is_controlled_too(tmp_path: Path) -> None:
    customer = meeting_customer()
    async with World(tmp_path, customer) as world, world.client() as client:
        recorded = dial("record='record-from-start' trim='do-not-trim'")
        alice, bob = await enter(world, "alice", recorded), await enter(world, "bob", recorded)
        await settled(world)
        path = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Conferences/{conference(world).sid}/Recordings"
        (running,) = (await client.get(path + ".json")).json()["recordings"]
        paused = await client.post(f"{path}/Twilio.CURRENT.json", data={"Status": "paused"})
        stopped = await client.post(f"{path}/{running['sid']}.json", data={"Status": "stopped"})
        for call in (alice, bob):
            await over(world, call)
        done = (await client.get(f"{path}/{running['sid']}.json")).json()
        removed = await client.delete(f"{path}/{running['sid']}.json")
        elsewhere = await client.get(f"{path.replace('CF', 'CF0')}/{running['sid']}.json")
        assert (await client.get(path + ".json")).json()["recordings"] == []
    assert (running["source"], running["call_sid"], running["uri"]) == ("Conference", None, f"{path}/{running['sid']}.json")
    assert [answer.json()["status"] for answer in (paused, stopped)] == ["paused", "stopped"]
    assert done["status"] == "completed"
    assert (removed.status_code, elsewhere.status_code) == (204, 404)


@virtual
async def test_a_call_placed_with_record_is_recorded_and_trimmed(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/next"] = "<Pause length='4'/>"
    form = {"To": BOB, "From": "+15550199", "Url": f"{HOST}/next", "Record": "true", "RecordingChannels": "dual"}
    more = {"RecordingStatusCallback": f"{HOST}/rec", "RecordingStatusCallbackEvent": "in-progress completed"}
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone(BOB, answers())
        sid = (await client.post(CALLS + ".json", data={**form, **more})).json()["sid"]
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        bob.calls[0].say(np.concatenate((np.zeros(8000, np.int16), tone(900, 2))))
        await world.ended(bob.calls[0])
        await world.until(lambda: not len(world.recordings))
        await world.callbacks.drain(5)
        (done,) = (await client.get(f"{CALLS}/{sid}/Recordings.json")).json()["recordings"]
    assert (done["source"], done["duration"], done["channels"]) == ("OutboundAPI", "2", 2)
    assert [(told["RecordingStatus"], told["RecordingSource"]) for told in customer.visited("/rec")] == [
        ("in-progress", "OutboundAPI"),
        ("completed", "OutboundAPI"),
    ]
