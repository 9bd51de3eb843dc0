"""``/Queues`` and their members (spec section 4.9)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from sip.fake import FakeCall
from tests.voice.api.sdk import ask, served
from tests.voice.calls.test_recovery import crash
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from voice.accounts.accounts import Account

ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Queues"
SUBACCOUNT = Account("AC" + "2" * 32, "other", owner_sid=ACCOUNT.sid)


@pytest.fixture
def customer() -> Customer:
    answers = {"/voice": "<Enqueue action='/left' waitUrl='/wait'>support</Enqueue>", "/wait": "<Pause length='60'/>"}
    return Customer({**answers, "/left": "<Hangup/>", "/next": "<Pause length='1'/><Hangup/>", "/status": ""})


async def make(client: httpx.AsyncClient, name: str = "support", **more: str) -> dict[str, Any]:
    await asyncio.sleep(0.001)
    answer = await client.post(f"{ALL}.json", data={"FriendlyName": name, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def wait_in(world: World, callers: int) -> list[FakeCall]:
    """Let callers stand in the queue, ten seconds apart."""
    calls = []
    for number in range(callers):
        calls.append(world.call(from_=f"sip:caller{number}@carrier"))
        await world.until(lambda: world.queues.waiting == len(calls))
        await asyncio.sleep(10)
    return calls


async def leave(world: World, calls: list[FakeCall]) -> None:
    for call in calls:
        call.hang_up()
        await world.ended(call)


@virtual
async def test_a_queue_is_made_changed_and_deleted(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        made = await make(client, MaxSize="2")
        one = f"{ALL}/{made['sid']}.json"
        assert (made["friendly_name"], made["max_size"], made["current_size"], made["average_wait_time"], made["uri"]) == (
            "support",
            2,
            0,
            0,
            one,
        )
        changed = (await client.post(one, data={"FriendlyName": "sales"})).json()
        assert (changed["friendly_name"], changed["max_size"]) == ("sales", 2)
        assert (await client.get(one)).json() == changed
        assert (await client.delete(one)).status_code == 204
        for gone in (await client.get(one), await client.post(one), await client.delete(one)):
            assert (gone.status_code, gone.json()["code"]) == (404, 20404)
        assert (await client.get(f"{ALL}.json")).json()["queues"] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, 20002),
        ({"FriendlyName": ""}, 20002),
        ({"FriendlyName": "x" * 65}, 20002),
        ({"FriendlyName": "support"}, 20002),
        ({"FriendlyName": "x", "MaxSize": "0"}, 20001),
        ({"FriendlyName": "x", "MaxSize": "5001"}, 20001),
        ({"FriendlyName": "x", "MaxSize": "many"}, 20001),
    ],
    ids=str,
)
@virtual
async def test_a_queue_that_cannot_be_is_refused(tmp_path: Path, customer: Customer, fields: dict[str, str], code: int) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        await make(client)
        other = (await make(client, "other"))["uri"]
        answers = [await client.post(f"{ALL}.json", data=fields)]
        if fields:
            answers.append(await client.post(other, data=fields))
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, code)] * len(answers)
        assert [queue["friendly_name"] for queue in (await client.get(f"{ALL}.json")).json()["queues"]] == ["support", "other"]


@virtual
async def test_a_queue_tells_how_many_wait_and_how_long(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        made = await make(client, MaxSize="3")
        calls = await wait_in(world, 2)
        queue = (await client.get(made["uri"])).json()
        assert (queue["current_size"], queue["average_wait_time"]) == (2, 15)
        refused = await client.delete(made["uri"])
        assert (refused.status_code, refused.json()["code"]) == (400, 20009)
        members = (await client.get(f"{ALL}/{made['sid']}/Members.json")).json()["queue_members"]
        assert [(member["position"], member["wait_time"]) for member in members] == [(1, 20), (2, 10)]
        assert [member["call_sid"] for member in members] == [form["CallSid"] for form in customer.visited("/voice")]
        await leave(world, calls)
        assert (await client.get(made["uri"])).json()["current_size"] == 0
        assert (await client.delete(made["uri"])).status_code == 204


@virtual
async def test_members_come_in_pages_the_front_first(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        made = await make(client)
        calls = await wait_in(world, 5)
        page, seen = (await client.get(f"{ALL}/{made['sid']}/Members.json?PageSize=2")).json(), []
        calls[0].hang_up()
        await world.ended(calls[0])
        while True:
            seen += [member["call_sid"] for member in page["queue_members"]]
            if page["next_page_uri"] is None:
                break
            page = (await client.get(page["next_page_uri"])).json()
        assert seen == [form["CallSid"] for form in customer.visited("/voice")]
        await leave(world, calls[1:])


@virtual
async def test_a_member_is_taken_out_and_runs_another_document(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        made = await make(client)
        first, second = await wait_in(world, 2)
        sids = [form["CallSid"] for form in customer.visited("/voice")]
        members = f"{ALL}/{made['sid']}/Members"
        assert (await client.get(f"{members}/Front.json")).json()["call_sid"] == sids[0]
        taken = await client.post(f"{members}/{sids[1]}.json", data={"Url": f"{HOST}/next", "Method": "GET"})
        assert (taken.status_code, taken.json()["position"], taken.json()["queue_sid"]) == (200, 2, made["sid"])
        await world.ended(second)
        front = await client.post(f"{members}/Front.json", data={"Url": f"{HOST}/next"})
        assert (front.json()["call_sid"], front.json()["uri"]) == (sids[0], f"{members}/{sids[0]}.json")
        await world.ended(first)
        assert [visit.method for visit in customer.visits if visit.path == "/next"] == ["GET", "POST"]
        assert [(form["CallSid"], form["QueueResult"]) for form in customer.visited("/left")] == [
            (sids[1], "redirected"),
            (sids[0], "redirected"),
        ]
        for key in ("Front", sids[0], "CA" + "0" * 32):
            answer = await client.get(f"{members}/{key}.json")
            assert (answer.status_code, answer.json()["code"]) == (404, 20404)
        assert (await client.get(f"{members}.json")).json()["queue_members"] == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, 21205), ({"Url": "nowhere"}, 21205), ({"Url": f"{HOST}/next", "Method": "PUT"}, 21209)],
    ids=str,
)
@virtual
async def test_a_member_stays_when_what_is_asked_is_wrong(
    tmp_path: Path, customer: Customer, fields: dict[str, str], code: int
) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        made = await make(client)
        calls = await wait_in(world, 1)
        answer = await client.post(f"{ALL}/{made['sid']}/Members/Front.json", data=fields)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert world.queues.waiting == 1
        await leave(world, calls)


@virtual
async def test_queues_are_there_again_after_a_crash_with_nobody_in_them(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path / "a", customer) as world, world.client() as client:
        made = await make(client, MaxSize="7")
        deleted = await make(client, "short-lived")
        await client.delete(deleted["uri"])
        calls = await wait_in(world, 1)
        made = (await client.post(made["uri"], data={"MaxSize": "8"})).json()
        left = await crash(world, tmp_path / "b")
        await leave(world, calls)
    async with World(left, customer) as world, world.client() as client:
        found = (await client.get(f"{ALL}.json")).json()["queues"]
        assert found == [{**made, "current_size": 0, "average_wait_time": 0}]
        calls = await wait_in(world, 1)
        assert (await client.get(made["uri"])).json()["current_size"] == 1
        await leave(world, calls)


@virtual
async def test_the_queues_of_another_account_are_not_there(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        world.accounts.put(SUBACCOUNT)
        mine = await make(client)
        theirs = f"/2010-04-01/Accounts/{SUBACCOUNT.sid}/Queues"
        login = httpx.BasicAuth(SUBACCOUNT.sid, SUBACCOUNT.auth_token)
        made = await client.post(f"{theirs}.json", data={"FriendlyName": "support"}, auth=login)
        assert made.status_code == 201
        for address in (f"{theirs}/{mine['sid']}", f"{theirs}/{mine['sid']}/Members", f"{ALL}/{made.json()['sid']}"):
            assert (await client.get(f"{address}.json")).status_code == 404
        assert [each["sid"] for each in (await client.get(f"{theirs}.json")).json()["queues"]] == [made.json()["sid"]]


async def test_the_sdk_works_with_queues(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, served(world) as client:
        sdk = client()
        made = await ask(lambda: sdk.queues.create(friendly_name="support", max_size=3))
        assert (made.friendly_name, made.max_size, made.current_size) == ("support", 3, 0)
        call = world.call()
        await world.until(lambda: world.queues.waiting == 1)
        queues = await ask(sdk.queues.list)
        assert [(queue.sid, queue.current_size) for queue in queues] == [(made.sid, 1)]
        (member,) = await ask(sdk.queues(made.sid).members.list)
        assert (member.position, member.queue_sid) == (1, made.sid)
        assert member.date_enqueued is not None
        with pytest.raises(TwilioRestException) as refused:
            await ask(lambda: sdk.queues(made.sid).delete())
        assert (refused.value.status, refused.value.code) == (400, 20009)
        moved = await ask(lambda: sdk.queues(made.sid).members("Front").update(url=f"{HOST}/next", method="GET"))
        assert moved.call_sid == member.call_sid
        await world.ended(call)
        assert (await ask(lambda: sdk.queues(made.sid).update(friendly_name="sales"))).friendly_name == "sales"
        assert await ask(lambda: sdk.queues(made.sid).delete())
