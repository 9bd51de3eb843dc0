"""The HTTP side: placing a call (section 4.6), health and metrics."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from sip.fake import answers, rings
from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.settings import Limits

CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json"
GOOD = {"To": "sip:bob@carrier", "From": "+15550199", "Url": "http://app.example/outbound"}


@virtual
async def test_a_placed_call_rings_runs_its_document_and_is_told_of(tmp_path: Path) -> None:
    customer = Customer({"/outbound": "<Gather numDigits='1' action='/done'/>", "/done": "<Hangup/>", "/status": ""})
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone("sip:bob@carrier")
        form = {
            **GOOD,
            "SendDigits": "w12",
            "StatusCallback": "http://app.example/status",
            "StatusCallbackEvent": "answered completed",
        }
        answer = await client.post(CALLS, data=form)
        assert (answer.status_code, answer.json()["status"], answer.json()["direction"]) == (201, "queued", "outbound-api")
        await world.until(lambda: bool(customer.visited("/outbound")))
        assert bob.calls[0].digits_heard == "12"
        bob.calls[0].press("7")
        await world.ended(bob.calls[0])
        assert customer.visited("/outbound")[0]["CallStatus"] == "in-progress"
        assert customer.visited("/done")[0]["Digits"] == "7"
        assert [form["CallStatus"] for form in customer.visited("/status")] == ["in-progress", "completed"]


@virtual
async def test_a_placed_call_that_nobody_answers_is_given_up(tmp_path: Path) -> None:
    customer = Customer({"/status": ""})
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone("sip:bob@carrier", rings())
        await client.post(CALLS, data={**GOOD, "Timeout": "7", "StatusCallback": "http://app.example/status"})
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])
    assert [form["CallStatus"] for form in customer.visited("/status")] == ["no-answer"]


@virtual
async def test_an_inline_document_is_run(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        bob = world.fake.phone("sip:bob@carrier")
        answer = await client.post(
            CALLS, data={"To": GOOD["To"], "From": "x", "Twiml": "<Response><Pause length='2'/></Response>"}
        )
        assert answer.status_code == 201
        await world.until(lambda: bool(bob.calls))
        await world.ended(bob.calls[0])


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"To": ""}, 400, 21201),
        ({"From": ""}, 400, 21213),
        ({"Url": ""}, 400, 21205),
        ({"Url": "ftp://x"}, 400, 21205),
        ({"Url": "http://[1"}, 400, 21205),
        ({"Url": "", "Twiml": "<Response>"}, 400, 12100),
        ({"Url": "", "Twiml": "x" * 4001}, 400, 32018),
        ({"SendDigits": "hello"}, 400, 21206),
        ({"Timeout": "soon"}, 400, 21208),
        ({"Method": "PUT"}, 400, 21209),
        ({"To": "sip:a b"}, 400, 21211),
        ({"To": "+1415555012345678"}, 400, 21211),
        ({"To": "sip:a@b?Contact=x"}, 400, 21228),
        ({"StatusCallback": "nowhere"}, 400, 21205),
    ],
    ids=str,
)
@virtual
async def test_a_wrong_parameter_has_its_code(tmp_path: Path, form: dict[str, str], status: int, code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(CALLS, data={**GOOD, **form})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert not len(world.registry)
        assert world.bus.claimed == 0


@virtual
async def test_a_live_call_is_redirected_and_ended(tmp_path: Path) -> None:
    customer = Customer({"/outbound": "<Gather timeout='60'/>", "/next": "<Gather timeout='60'/>"})
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone("sip:bob@carrier", answers(after=1.0))
        sid = (await client.post(CALLS, data=GOOD)).json()["sid"]
        call = CALLS.replace(".json", f"/{sid}.json")
        early = await client.post(call, data={"Url": "http://app.example/next"})
        assert (early.status_code, early.json()["code"]) == (400, 21220)
        await world.until(lambda: bool(customer.visited("/outbound")))
        answer = await client.post(call, data={"Url": "http://app.example/next"})
        assert (answer.status_code, answer.json()["status"]) == (200, "in-progress")
        await world.until(lambda: bool(customer.visited("/next")))
        inline = await client.post(call, data={"Twiml": "<Response><Pause length='60'/></Response>"})
        assert inline.status_code == 200
        assert (await client.post(call, data={"Status": "completed"})).status_code == 200
        await world.ended(bob.calls[0])
        gone = await client.post(call, data={"Status": "completed"})
        assert (gone.status_code, gone.json()["status"]) == (200, "completed")
        late = await client.post(call, data={"Url": "http://app.example/next"})
        assert (late.status_code, late.json()["code"]) == (400, 21220)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Status": "busy"}, 20001),
        ({"Url": "nowhere"}, 21205),
        ({"Url": "http://h/", "Twiml": "<Response/>"}, 20001),
        ({"Twiml": "<Response>"}, 12100),
        ({"Twiml": "<Response/>" + " " * 4000}, 32018),
        ({"Url": "http://h/", "Method": "PUT"}, 21209),
    ],
)
@virtual
async def test_a_wrong_change_has_its_code(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(CALLS.replace(".json", "/CA1.json"), data=form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@virtual
async def test_only_the_account_may_use_the_api(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        for auth in [("x", "y"), (ACCOUNT.sid, "wrong"), ("", "")]:
            answer = await client.post(CALLS, data=GOOD, auth=auth)
            assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        answer = await client.post(CALLS, data=GOOD, headers={"Authorization": "Basic !!"}, auth=httpx.Auth())
        assert answer.status_code == 401
        other = await client.post(CALLS.replace("1" * 32, "2" * 32), data=GOOD)
        assert (other.status_code, other.json()["code"]) == (404, 20404)


@virtual
async def test_health_says_whether_calls_are_taken(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        world.resources.metrics.watch(lambda: [("calls_live", "Legs", 3.0)])
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).text == "ready\n"
        world.admission.draining = True
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "draining\n")
        assert "strowger_calls_live 3.0" in (await client.get("/metrics")).text


@virtual
async def test_a_call_waits_until_there_is_room_for_it(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), limits=Limits(max_calls=1)) as world, world.client() as client:
        bob = world.fake.phone("sip:bob@carrier", rings())
        sids = [(await client.post(CALLS, data=GOOD)).json()["sid"] for _ in range(2)]
        await asyncio.sleep(5)
        assert len(bob.calls) == 1
        await client.post(CALLS.replace(".json", f"/{sids[0]}.json"), data={"Status": "completed"})
        await world.until(lambda: len(bob.calls) == 2)
        second = (await client.get(CALLS.replace(".json", f"/{sids[1]}.json"))).json()
        assert second["status"] == "ringing"
        assert int(second["queue_time"]) > 4900
