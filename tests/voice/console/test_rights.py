"""What a session opens, and to whom."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sip.fake import answers
from tests.voice.exchange import ACCOUNT, HOST, NUMBER, Customer, World, virtual
from voice.console.users import hash_password
from voice.settings import Console, ConsoleUser, Trunk, TrunkTarget
from voice.web.signature import sign

API = f"/console/api/2010-04-01/Accounts/{ACCOUNT.sid}"
HASH = hash_password("right")
USERS = Console(user=tuple(ConsoleUser(name=role, role=role, password_hash=HASH) for role in ("admin", "viewer")))


@asynccontextmanager
async def _session(world: World, user: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url="http://switch") as browser:
        told = (await browser.post("/console/session", json={"user": user, "password": "right"})).json()
        browser.headers["X-CSRF-Token"] = told["csrf"]
        yield browser


@virtual
async def test_a_session_opens_the_api_and_a_viewer_only_looks(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), console=USERS) as world:
        async with _session(world, "viewer") as viewer:
            numbers = (await viewer.get(f"{API}/IncomingPhoneNumbers.json")).json()["incoming_phone_numbers"]
            assert [each["phone_number"] for each in numbers] == [NUMBER]
            for method, path in (
                ("POST", f"{API}/IncomingPhoneNumbers.json"),
                ("DELETE", f"{API}/IncomingPhoneNumbers/{numbers[0]['sid']}.json"),
                ("POST", f"{API}/Calls.json"),
                ("POST", "/console/signature"),
                ("POST", "/console/trunks"),
                ("GET", f"/console/calls/CA{'0' * 32}/sound"),
            ):
                assert (await viewer.request(method, path)).status_code == 403
        async with _session(world, "admin") as admin:
            form = {"PhoneNumber": "+15550142", "VoiceUrl": f"{HOST}/new"}
            assert (await admin.post(f"{API}/IncomingPhoneNumbers.json", data=form)).status_code == 201
            assert world.exchange.directory.owns("+15550142")


@virtual
async def test_an_administrator_asks_and_pauses_trunks_and_sees_their_calls(tmp_path: Path) -> None:
    trunk = Trunk(name="car/rier?", targets=(TrunkTarget(uri="sip:one.example"), TrunkTarget(uri="sip:two.example")))
    customer = Customer({"/voice": "<Dial>+4930123456</Dial>"})
    async with World(tmp_path, customer, console=USERS, trunk=(trunk,)) as world, _session(world, "admin") as admin:

        async def order(**asked: Any) -> int:
            return (await admin.post("/console/trunks", json=asked)).status_code

        async def told() -> dict[str, Any]:
            (found,) = (await admin.get("/console/trunks")).json()["trunks"]
            return dict(found)

        assert [each["asked"] for each in (await told())["targets"]] == [None, None]
        world.fake.peers.alive = {"sip:one.example": 200}
        assert await order(name=trunk.name, action="ask") == 204
        assert await order(name=trunk.name, action="ask") == 204
        await asyncio.sleep(3)
        one, two = (await told())["targets"]
        assert (one["code"], "code" in two, two["up"]) == (200, False, True)
        assert two["asked"] == pytest.approx(3, abs=0.2)
        assert world.fake.peers.pinged.count("sip:two.example") == 1, "it was left the time to answer"
        for _ in range(2):
            assert await order(name=trunk.name, action="ask") == 204
            await asyncio.sleep(3)
        one, two = (await told())["targets"]
        assert (one["up"], two["up"]) == (True, False)
        assert await order(name=trunk.name, action="pause") == 204
        assert (await told())["paused"]
        assert await order(name=trunk.name, action="resume") == 204
        for wrong, status in (
            ({"name": "x", "action": "ask"}, 404),
            ({"name": trunk.name}, 400),
            ({"name": [], "action": 1}, 404),
        ):
            assert await order(**wrong) == status
        assert (await admin.post("/console/trunks", content=b"[")).status_code == 400
        bob = world.fake.phone("sip:+4930123456@one.example", answers())
        caller = world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        (call,) = (await told())["calls"]
        assert (call["to"], call["status"]) == ("+4930123456", "in-progress")
        assert (await admin.delete(f"/console/calls/{call['sid']}")).status_code == 204
        await world.ended(caller)
        assert (await told())["calls"] == []


@virtual
async def test_no_other_site_changes_anything_with_an_administrators_cookie(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), console=USERS) as world, _session(world, "admin") as admin:
        for token in ("", "wrong"):
            answer = await admin.post(f"{API}/Queues.json", data={"FriendlyName": "x"}, headers={"X-CSRF-Token": token})
            assert answer.status_code == 403
        assert list(world.queues.of(ACCOUNT.sid)) == []


@virtual
async def test_a_session_opens_no_account_nor_key_and_asks_no_browser_for_a_password(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), console=USERS) as world, _session(world, "admin") as admin:
        for path in (".json", "/Keys.json"):
            assert (await admin.get(API + path)).status_code == 403
        admin.cookies.clear()
        answer = await admin.get(f"{API}/Calls.json")
        assert answer.status_code == 401
        assert not answer.headers["www-authenticate"].lower().startswith("basic")


@virtual
async def test_a_session_tells_what_its_softphone_is_called_by(tmp_path: Path) -> None:
    name = "eve+1@desk (night)"
    users = Console(user=(ConsoleUser(name=name, role="admin", password_hash=HASH),))
    async with World(tmp_path, Customer(), console=users) as world, _session(world, name) as admin:
        told = [(await admin.get("/console/session")).json(), (await admin.post("/console/phone")).json()]
        assert [each["identity"] for each in told] == ["console-eve+1@desk%20%28night%29"] * 2


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_doctor_tells_what_was_signed_and_why_it_differs(tmp_path: Path, method: str) -> None:
    @virtual
    async def examine() -> None:
        async with World(tmp_path, Customer(), console=USERS) as world, _session(world, "admin") as admin:
            pairs = {"CallSid": "CA1", "Body": "a b"}
            url = "https://app.example/voice"
            asked = {"account": ACCOUNT.sid, "method": method, "url": url, "parameters": pairs}
            found = (await admin.post("/console/signature", json=asked)).json()
            text = f"{url}BodyabCallSidCA1".replace("ab", "a b") if method == "POST" else f"{url}?CallSid=CA1&Body=a+b"
            assert found["text"] == text
            assert found["right"] is None
            signed = found["signature"]
            assert (await admin.post("/console/signature", json={**asked, "signature": signed})).json()["right"]
            plain = text.replace("https:", "http:") if method == "GET" else "http://app.example/voice"
            wrong = sign(ACCOUNT.auth_token, plain, tuple(pairs.items()) if method == "POST" else ())
            told = (await admin.post("/console/signature", json={**asked, "signature": wrong})).json()
            assert "scheme" in told["said"]
            assert (await admin.post("/console/signature", json={"url": 1})).status_code == 400
            assert (await admin.post("/console/signature", json={**asked, "account": "AC0"})).status_code == 404

    examine()


@virtual
async def test_the_story_has_the_findings_of_its_documents_and_the_levels_of_both_directions(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Sya/><Say>Hello</Say><Pause length='6'/>"})
    async with World(tmp_path, customer, console=USERS) as world, _session(world, "viewer") as viewer:
        call = world.call()
        await world.ended(call)
        sid = customer.visited("/voice")[0]["CallSid"]
        told = (await viewer.get(f"/console/calls/{sid}")).json()
        assert told["over"]
        (answer,) = (line for line in told["lines"] if line["kind"] == "response")
        assert [finding["code"] for finding in answer["findings"]] == [12200]
        levels = [line for line in told["lines"] if line["kind"] == "levels"]
        seconds = sum(len(line["data"]["said"]) / 2 for line in levels) / 10
        (over,) = (line["at"] for line in told["lines"] if line["data"].get("status") == "completed")
        assert abs(seconds - over) < 0.5
        assert len(set("".join(line["data"]["said"] for line in levels))) > 5, "what was said rises and falls"
        assert set("".join(line["data"]["heard"] for line in levels)) == {"A"}
        assert json.dumps(told["legs"]).count(sid) == 1


@virtual
async def test_no_levels_are_written_down_where_nobody_wants_them(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Say>Hello</Say>"})
    async with World(tmp_path, customer, console=Console(levels=False)) as world:
        await world.ended(world.call())
        assert not any(entry.kind == "levels" for entry in world.journal())
