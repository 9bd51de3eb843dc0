"""After a crash the store tells what was going on: live calls have failed, queued ones are placed, callbacks are sent."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import httpx

from sip.fake import rings
from tests.voice.databases import copy_database
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from voice.settings import Limits

CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls"
ORDER = {"To": "sip:bob@carrier", "From": "x", "Url": f"{HOST}/outbound", "StatusCallback": f"{HOST}/told"}
EVERY_EVENT = ["initiated", "ringing", "answered", "completed"]


async def crash(world: World, folder: Path) -> Path:
    """What a process that is killed now would leave on the disk."""
    await world.database.settle()
    world.journals.flush()
    source = world.settings.data_dir
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.sqlite*"))
    copy_database(source, folder)
    return folder


async def fetch(world: World, sid: str) -> dict[str, Any]:
    async with world.client() as client:
        answer = await client.get(f"{CALLS}/{sid}.json")
    found: dict[str, Any] = answer.json()
    return found


@virtual
async def test_a_call_that_was_live_has_failed_at_its_last_sign_of_life(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Dial><Number statusCallback='/leg'>+15550123</Number></Dial>", "/status": "", "/leg": ""})
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    async with World(tmp_path / "a", customer, trunk=trunk) as world:
        world.fake.phone("sip:+15550123@carrier")
        call = world.call()
        await world.until(lambda: call.answered)
        await asyncio.sleep(10)
        left = await crash(world, tmp_path / "b")
        call.hang_up()
        await world.ended(call)
    parent = customer.visited("/voice")[0]["CallSid"]
    customer.visits.clear()
    async with World(left, customer) as world:
        await world.callbacks.drain(10)
        row = await fetch(world, parent)
        assert (row["status"], row["duration"]) == ("failed", "5"), "levels are written down every five seconds"
        told = {visit["CallSid"]: visit["CallStatus"] for path in ("/status", "/leg") for visit in customer.visited(path)}
        assert told.pop(parent) == "failed"
        assert list(told.values()) == ["failed"]
        world.journals.flush()
        assert [e.data["code"] for e in world.journals.read(parent) if e.kind == "report"] == [15000]
    async with World(left, customer) as world:
        assert (await fetch(world, parent))["date_updated"] == row["date_updated"]


@virtual
async def test_a_call_that_waited_is_placed(tmp_path: Path) -> None:
    customer = Customer({"/outbound": "<Hangup/>", "/told": ""})
    slow = Limits(account_calls_per_second=0.001)
    async with World(tmp_path / "a", customer, limits=slow) as world, world.client() as client:
        world.fake.phone("sip:bob@carrier", rings())
        sids = []
        for _ in range(3):
            form = {**ORDER, "SendDigits": "1", "StatusCallbackEvent": EVERY_EVENT, "Record": "true"}
            sids.append((await client.post(f"{CALLS}.json", data=form)).json()["sid"])
            await asyncio.sleep(0.1)
        left = await crash(world, tmp_path / "b")
    customer.visits.clear()
    async with World(left, customer) as world:
        bob = world.fake.phone("sip:bob@carrier")
        await world.until(lambda: len(bob.calls) == 2 and all(call.ended for call in bob.calls))
        await asyncio.sleep(1)
        rows = [await fetch(world, sid) for sid in sids]
        assert [row["status"] for row in rows] == ["failed", "completed", "completed"]
        assert [call.digits_heard for call in bob.calls] == ["1", "1"]
        steps = [visit["CallStatus"] for visit in customer.visited("/told") if visit["CallSid"] == sids[1]]
        assert steps == ["initiated", "ringing", "in-progress", "completed"]
        first = [visit for visit in customer.visited("/told") if visit["CallSid"] == sids[0]]
        assert [(visit["CallStatus"], visit["SequenceNumber"]) for visit in first] == [("failed", "2")]


@virtual
async def test_a_callback_that_was_not_taken_is_sent_again(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>", "/status": httpx.Response(503)})
    async with World(tmp_path / "a", customer) as world:
        await world.ended(world.call())
        left = await crash(world, tmp_path / "b")
    customer.answers["/status"] = ""
    customer.visits.clear()
    async with World(left, customer) as world:
        await world.callbacks.drain(10)
    assert [visit["CallStatus"] for visit in customer.visited("/status")] == ["completed"]
