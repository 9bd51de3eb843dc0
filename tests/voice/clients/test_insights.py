"""What pages tell of their calls, and who is not believed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.voice.clients.world import conversation, over, page, switch, talking, token
from tests.voice.exchange import World, virtual
from voice.clients import insights
from voice.clients.insights import EARLY_SECONDS, EARLY_STEP, LINGERING_SECONDS, MOST_EARLY
from voice.clients.messages import MessageInvalid
from voice.clients.observations import LONGEST_BODY, LONGEST_FACT, MOST_FACTS, read
from voice.settings import Webrtc

STAY = {"/app": "<Gather timeout='6000'/>"}
EVENTS, METRICS = "/v4/EndpointEvents", "/v4/EndpointMetrics"
STEERED = f"/insights?.twilio.com{EVENTS}"


def _event(sid: str, **payload: Any) -> dict[str, Any]:
    told = {"call_sid": sid, "sdk_version": "2.18.5", **payload}
    return {"group": "audio-level-warning-raised", "name": "constant-audio-input-level", "level": "WARNING", "payload": told}


@asynccontextmanager
async def _http(world: World, name: str = "alice") -> AsyncIterator[httpx.AsyncClient]:
    headers = {"X-Twilio-Token": token(world, name)}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url="http://switch", headers=headers) as client:
        yield client


def _noted(world: World) -> list[dict[str, Any]]:
    return [entry.data for entry in world.journal("/app") if entry.kind.startswith("page-")]


@virtual
async def test_events_and_samples_are_noted_with_the_call_they_are_about(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid), _http(world) as client:
        for path in (EVENTS, f"/pbx{EVENTS}", STEERED):
            answer = await client.post(path, json=_event(sid, data={"threshold": 5}))
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
        early = {key: value for key, value in _event("TJS1").items() if key != "payload"} | {"payload": {"temp_call_sid": "TJS1"}}
        assert (await client.post(EVENTS, json=early)).status_code == 204
        samples = [
            {
                "call_sid": sid,
                "audio_codec": "PCMU",
                "mos": mos,
                "jitter": 4,
                "packets_lost": 1,
                "packets_received": 49,
                "rtt": 20,
            }
            for mos in (4.4, 4.2)
        ]
        assert (await client.post(METRICS, json={"payload": samples})).status_code == 204
        alice.say("hangup", callsid=sid)
        await over(world)
        assert (await client.post(EVENTS, json=_event(sid))).status_code == 204, "the SDK tells of the end after it"
        await asyncio.sleep(LINGERING_SECONDS + 1)
        assert (await client.post(EVENTS, json=_event(sid))).status_code == 404
        noted = _noted(world)
        assert noted[0]["told"] == {"data": '{"threshold":5}'}
        assert len(noted) == 6
        assert noted[4] == {"seconds": 2, "codec": "PCMU", "mos": 4.3, "jitter_ms": 4, "round_trip_ms": 20.0, "loss": 0.02}


@virtual
async def test_a_browser_may_ask_first(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, _, _), _http(world) as client:
        for path in (EVENTS, METRICS, STEERED):
            answer = await client.options(path, headers={"Access-Control-Request-Headers": "content-type,x-twilio-token"})
            assert answer.status_code == 204
            assert "X-Twilio-Token" in answer.headers["access-control-allow-headers"]
        assert (await client.post("/insights?x", json={})).status_code == 404


@virtual
async def test_nobody_tells_of_calls_that_are_not_his(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, _, sid):
        async with _http(world, "eve") as client:
            assert (await client.post(EVENTS, json=_event(sid))).status_code == 404
            assert (await client.post(EVENTS, json=_event("TJS1"))).status_code == 404
            for wrong in ("", "garbage", token(world, "alice", ttl=-10), token(world, "alice")[:-4] + "AAAA"):
                answer = await client.post(EVENTS, json=_event(sid), headers={"X-Twilio-Token": wrong})
                assert answer.status_code == 401
        assert _noted(world) == []


@virtual
async def test_who_tells_too_much_is_not_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 120
    monkeypatch.setattr(insights, "MOST_NOTES", most)
    async with conversation(tmp_path, STAY) as (world, _, sid), _http(world) as client:
        assert (await client.post(EVENTS, content=b"x" * (LONGEST_BODY + 1))).status_code == 400
        answers = [(await client.post(EVENTS, json=_event(sid))).status_code for _ in range(150)]
        assert (answers[0], answers[-1]) == (204, 429)
        await asyncio.sleep(60)
        for _ in range(50):
            await client.post(EVENTS, json=_event(sid))
        assert len(_noted(world)) == most
        assert len(world.registry) == 1


@virtual
async def test_pages_are_told_where_to_report(tmp_path: Path) -> None:
    for host, home in (("", None), ("pbx.example.com:8443", "pbx.example.com:8443/insights?")):
        async with switch(tmp_path, STAY, webrtc=Webrtc(insights=host)) as world:
            assert page(world, "bob").last("connected").get("home") == home


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[" * 50_000,
        b"[]",
        b"1",
        b'{"payload": 1}',
        b'{"payload": []}',
        b'{"payload": [1]}',
        json.dumps({"payload": [{"call_sid": "CA1"}] * 101}).encode(),
        b'{"payload": {}}',
        b'{"payload": {"call_sid": 1}, "group": "g", "name": "n", "level": "INFO"}',
        b'{"payload": {"call_sid": "CA1"}, "group": 1, "name": "n", "level": "INFO"}',
        json.dumps({"payload": {"call_sid": "C" * 300}, "group": "g", "name": "n", "level": "INFO"}).encode(),
    ],
)
def test_what_no_sdk_tells_is_refused(body: bytes) -> None:
    with pytest.raises(MessageInvalid):
        read(body)


def test_what_is_told_is_bounded() -> None:
    payload = {"call_sid": "CA1", **{f"fact{number}" * 99: ["x" * 10_000] for number in range(500)}}
    whole = {"payload": payload, "group": "g" * 10_000, "name": "n", "level": "INFO"}
    data = read(json.dumps(whole).encode()).data
    assert len(data["told"]) <= MOST_FACTS
    assert max(len(text) for pair in data["told"].items() for text in pair) <= LONGEST_FACT
    assert len(data["group"]) == LONGEST_FACT
    sample = {"call_sid": "CA1", "mos": "4", "jitter": True, "rtt": float("inf"), "packets_lost": -5, "audio_level_in": 1e30}
    assert read(json.dumps({"payload": [sample]}).encode()).data == {"seconds": 1, "codec": ""}


@virtual
async def test_what_is_told_before_its_call_has_come_waits_for_it(tmp_path: Path) -> None:
    early = {**_event(""), "payload": {"temp_call_sid": "TJS1"}}
    async with switch(tmp_path, STAY) as world, _http(world) as client:
        alice = page(world, "alice")
        telling = asyncio.create_task(client.post(EVENTS, json=early))
        await asyncio.sleep(EARLY_SECONDS / 4)
        await talking(world, alice)
        assert (await telling).status_code == 204
        assert len(_noted(world)) == 1


@virtual
async def test_so_much_waits_for_its_call_and_the_rest_is_refused_at_once(tmp_path: Path) -> None:
    early = {**_event(""), "payload": {"temp_call_sid": "TJS1"}}
    async with switch(tmp_path, STAY) as world, _http(world) as client:
        page(world, "alice")
        waiting = [asyncio.create_task(client.post(EVENTS, json=early)) for _ in range(MOST_EARLY)]
        await asyncio.sleep(EARLY_STEP)
        before = asyncio.get_running_loop().time()
        assert (await client.post(EVENTS, json=early)).status_code == 404
        assert asyncio.get_running_loop().time() - before < EARLY_STEP
        assert {(await each).status_code for each in waiting} == {404}
