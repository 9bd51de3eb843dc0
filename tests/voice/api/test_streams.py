"""Streams and copies for recording servers that REST starts on a live call (section 4.10)."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.settings import Siprec

APP = "wss://app.example/audio"
SERVER = (Siprec(name="archive", uri="sip:srs@recorder"),)


def path(call_sid: str, resource: str) -> str:
    return f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls/{call_sid}/{resource}.json"


async def live(world: World) -> str:
    """The SID of a call that is up."""
    alice = world.call()
    alice.say(np.full(800_000, 500, np.int16))
    await world.until(lambda: alice.answered)
    return next(line.call.sid for line in world.registry)


def served() -> Customer:
    return Customer({"/voice": "<Gather timeout='60'/>", "/told": "", "/status": ""})


@virtual
async def test_a_stream_runs_until_it_is_stopped(tmp_path: Path) -> None:
    customer = served()
    async with World(tmp_path, customer) as world, world.client() as client:
        sid = await live(world)
        form = {"Url": APP, "Name": "ear", "Track": "both_tracks", "StatusCallback": "http://app.example/told"}
        answer = await client.post(path(sid, "Streams"), data={**form, "Parameter1.Name": "tenant", "Parameter1.Value": "7"})
        made = answer.json()
        assert (answer.status_code, made["status"], made["name"], made["call_sid"]) == (200, "in-progress", "ear", sid)
        await world.until(lambda: bool(world.dialler.peers) and len(world.dialler.peers[0].every("media")) > 5)
        start = world.dialler.peers[0].messages[1]["start"]
        assert (start["customParameters"], start["tracks"]) == ({"tenant": "7"}, ["inbound", "outbound"])
        stopped = await client.post(path(sid, "Streams/ear"), data={"Status": "stopped"})
        assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
        await world.until(lambda: world.dialler.peers[0].closed)
        assert (await client.post(path(sid, "Streams/ear"), data={"Status": "stopped"})).status_code == 404
        await world.callbacks.drain(5)
    assert [form["StreamEvent"] for form in customer.visited("/told")] == ["stream-started", "stream-stopped"]


@virtual
async def test_a_copy_for_a_recording_server_runs_until_it_is_stopped(tmp_path: Path) -> None:
    async with World(tmp_path, served(), siprec=SERVER) as world, world.client() as client:
        recorder = world.fake.phone("sip:srs@recorder")
        sid = await live(world)
        made = (await client.post(path(sid, "Siprec"), data={"ConnectorName": "archive", "Track": "inbound_track"})).json()
        assert (made["status"], made["name"], made["sid"][:2]) == ("in-progress", None, "SR")
        await world.until(lambda: bool(recorder.calls) and recorder.calls[0].answered)
        stopped = (await client.post(path(sid, f"Siprec/{made['sid']}"), data={"Status": "stopped"})).json()
        assert stopped["status"] == "stopped"
        await world.until(lambda: recorder.calls[0].ended)


@pytest.mark.parametrize(
    ("resource", "form", "status", "code"),
    [
        ("Streams", {}, 400, 20001),
        ("Streams", {"Url": "http://app.example"}, 400, 20001),
        ("Streams", {"Url": "ws://93.184.216.34"}, 400, 31922),
        ("Streams", {"Url": APP, "Track": "all"}, 400, 20001),
        ("Siprec", {"ConnectorName": "nobody"}, 400, 31940),
        ("Streams/none", {"Status": "stopped"}, 404, 20404),
        ("Streams/none", {"Status": "paused"}, 400, 20001),
    ],
)
@virtual
async def test_what_cannot_be_started_has_its_code(
    tmp_path: Path, resource: str, form: dict[str, str], status: int, code: int
) -> None:
    async with World(tmp_path, served()) as world, world.client() as client:
        answer = await client.post(path(await live(world), resource), data=form)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@virtual
async def test_only_a_call_in_progress_has_audio(tmp_path: Path) -> None:
    async with World(tmp_path, served()) as world, world.client() as client:
        world.fake.phone("sip:bob@carrier")
        form = {"To": "sip:bob@carrier", "From": "x", "Url": "http://app.example/voice"}
        made: httpx.Response = await client.post(f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json", data=form)
        early = await client.post(path(made.json()["sid"], "Streams"), data={"Url": APP})
        assert early.status_code in (400, 404)
        assert (await client.post(path("CA" + "0" * 32, "Streams"), data={"Url": APP})).status_code == 404
