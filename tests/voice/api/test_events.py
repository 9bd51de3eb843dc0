"""``/Calls/{CA}/Events``: what was asked by whom in a call, and what was answered (section 4.12)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from sip.fake import answers
from tests.voice.exchange import ACCOUNT, API, HOST, Customer, World, virtual

CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls"
BOB = "sip:bob@carrier"


@pytest.fixture
def customer() -> Customer:
    return Customer({"/voice": "<Gather timeout='60'/>", "/then": "<Hangup/>", "/status": "", "/rec": ""})


async def events(client: httpx.AsyncClient, sid: str, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{CALLS}/{sid}/Events.json{query}")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


@virtual
async def test_every_webhook_and_every_request_about_a_call_is_an_event(tmp_path: Path, customer: Customer) -> None:
    form = {"To": BOB, "From": "+15550199", "Url": f"{HOST}/voice", "StatusCallback": f"{HOST}/status"}
    async with World(tmp_path, customer) as world, world.client() as client:
        bob = world.fake.phone(BOB, answers())
        made = await client.post(f"{CALLS}.json", data={**form, "SipAuthPassword": "hush"})
        sid = made.json()["sid"]
        await world.until(lambda: bool(customer.visited("/voice")))
        await client.get(f"{CALLS}/{sid}.json")
        await client.post(f"{CALLS}/{sid}/Recordings.json", data={"RecordingChannels": "dual"})
        await client.post(f"{CALLS}/{sid}.json", data={"Url": f"{HOST}/then"})
        await world.ended(bob.calls[0])
        await world.callbacks.drain(5)
        found = await events(client, sid)
        first = await events(client, sid, "?PageSize=2")
    asked = [(event["request"]["method"], event["request"]["url"], event["response"]["response_code"]) for event in found]
    assert asked == [
        ("POST", f"{API}{CALLS}.json", 201),
        ("POST", f"{HOST}/voice", 200),
        ("POST", f"{API}{CALLS}/{sid}/Recordings.json", 201),
        ("POST", f"{API}{CALLS}/{sid}.json", 200),
        ("POST", f"{HOST}/then", 200),
        ("POST", f"{HOST}/status", 200),
    ]
    assert first == found[:2]
    creation, document, *_ = found
    assert creation["request"]["parameters"]["to"] == BOB
    assert creation["request"]["parameters"]["sip_auth_password"] == "(left out)"
    assert sid in creation["response"]["response_body"]
    assert document["request"]["parameters"]["call_sid"] == sid
    assert document["response"]["content_type"] == "text/xml"
    assert document["response"]["response_body"] == "<Response><Gather timeout='60'/></Response>"
    assert document["response"]["date_created"].startswith("Tue, 01 Jan 2030 00:16:")
    assert "hush" not in (tmp_path / "journals" / f"{sid}.jsonl").read_text()


@virtual
async def test_a_request_that_was_not_answered_is_an_event_too(tmp_path: Path, customer: Customer) -> None:
    customer.delays["/voice"] = 20
    async with World(tmp_path, customer) as world, world.client() as client:
        call = world.call()
        await world.until(lambda: bool(customer.visited("/voice")))
        sid = customer.visited("/voice")[0]["CallSid"]
        (waiting,) = await events(client, sid)
        await world.ended(call)
        failed, *_ = await events(client, sid)
        unknown = await client.get(f"{CALLS}/CA{'0' * 32}/Events.json")
    assert waiting["response"]["response_code"] is None
    assert failed["response"]["response_code"] is None
    assert unknown.status_code == 404
