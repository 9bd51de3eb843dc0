"""``/Notifications`` and the debugger webhook: what went wrong in calls (sections 4.14 and 3.11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.notification import NotificationInstance

from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from voice.settings import Debugger
from voice.story.notifications import MOST_OF_A_CALL
from voice.web.signature import sign

ROOT = f"/2010-04-01/Accounts/{ACCOUNT.sid}"


@pytest.fixture
def customer() -> Customer:
    """Whose document has a mistake and leads to a server that is broken."""
    broken = httpx.Response(500, headers={"Content-Type": "text/html"}, text="<h1>Oh no</h1>")
    document = "<Pause length='soon'/><Redirect>/broken</Redirect>"
    return Customer({"/voice": document, "/broken": broken, "/status": "", "/debug": ""})


async def fail(world: World) -> str:
    """A call that comes to grief; returns its SID."""
    call = world.call()
    await world.ended(call)
    return world.customer.visited("/voice")[0]["CallSid"]


async def listed(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(ROOT + path)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["notifications"]
    return found


@virtual
async def test_each_error_and_warning_of_a_call_is_a_notification(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        sid = await fail(world)
        error, warning = await listed(client, "/Notifications.json")
        assert (error["error_code"], error["log"], warning["error_code"], warning["log"]) == ("11200", "0", "13910", "1")
        assert (error["call_sid"], error["request_method"], error["request_url"]) == (sid, "POST", f"{HOST}/broken")
        assert error["more_info"] == "https://www.twilio.com/docs/errors/11200"
        assert error["uri"] == f"{ROOT}/Notifications/{error['sid']}.json"
        assert {name: value[0] for name, value in parse_qs(error["message_text"]).items()} == {
            "EmailNotification": "false",
            "LogLevel": "ERROR",
            "sourceComponent": "12000",
            "Msg": "the server answered 500",
            "httpResponse": "500",
            "ErrorCode": "11200",
            "url": f"{HOST}/broken",
        }
        assert "response_body" not in error
        whole = (await client.get(error["uri"])).json()
        assert whole == {**error, **{name: whole[name] for name in ("request_variables", "response_body", "response_headers")}}
        assert (whole["response_body"], whole["response_headers"]) == ("<h1>Oh no</h1>", "Content-Type=text%2Fhtml")
        assert parse_qs(whole["request_variables"])["CallSid"] == [sid]
        sdk = Client(ACCOUNT.sid, ACCOUNT.auth_token, http_client=TwilioHttpClient()).api.v2010
        assert NotificationInstance(sdk, whole, account_sid=ACCOUNT.sid).message_date is not None


@virtual
async def test_notifications_are_chosen_by_call_kind_and_day(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        own = f"/Calls/{await fail(world)}/Notifications"
        error, warning = await listed(client, own + ".json")
        assert error["uri"] == f"{ROOT}{own}/{error['sid']}.json"
        assert (await client.get(error["uri"])).json()["response_body"] == "<h1>Oh no</h1>"
        assert await listed(client, own + ".json?Log=0") == [error]
        assert await listed(client, own + ".json?Log=1&MessageDate=2030-01-01") == [warning]
        assert await listed(client, own + ".json?MessageDate%3E=2030-01-02") == []
        assert [each["sid"] for each in await listed(client, "/Notifications.json?PageSize=1")] == [error["sid"]]
        for path in (f"/Calls/CA{'0' * 32}/Notifications.json", f"/Calls/CA{'0' * 32}/Notifications/{error['sid']}.json"):
            assert (await client.get(ROOT + path)).status_code == 404
        assert (await client.get(f"{ROOT}/Notifications.json?Log=2")).json()["code"] == 20001
        assert (await client.delete(error["uri"])).json()["code"] == 20004


@virtual
async def test_a_call_that_fails_for_ever_does_not_fill_the_store(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = "<Pause length='soon'/>" * (MOST_OF_A_CALL + 20)
    async with World(tmp_path, customer) as world, world.client() as client:
        call = world.call()
        await world.until(lambda: bool(customer.visited("/voice")))
        call.hang_up()
        await world.ended(call)
        assert len(await listed(client, "/Notifications.json?PageSize=1000")) <= MOST_OF_A_CALL
        assert not (await client.get(f"{ROOT}/Notifications.json?PageSize=1000")).json()["next_page_uri"]


@virtual
async def test_the_debugger_hears_of_each_once_and_signed(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer, debugger=Debugger(url=f"{HOST}/debug")) as world, world.client() as client:
        sid = await fail(world)
        await world.until(lambda: len(customer.visited("/debug")) == 2)
        error, _ = await listed(client, "/Notifications.json")
    warned, told = customer.visited("/debug")
    assert (warned["Level"], told["Level"], told["Sid"]) == ("WARNING", "ERROR", error["sid"])
    assert (told["AccountSid"], told["ParentAccountSid"], told["PayloadType"]) == (ACCOUNT.sid, "", "application/json")
    assert told["Timestamp"].startswith("2030-01-01T00:")
    payload = json.loads(told["Payload"])
    assert (payload["resource_sid"], payload["error_code"], payload["more_info"]["httpResponse"]) == (sid, "11200", "500")
    assert payload["webhook"]["request"]["url"] == f"{HOST}/broken"
    assert payload["webhook"]["response"] == {
        "status_code": 500,
        "headers": {"Content-Type": "text/html"},
        "body": "<h1>Oh no</h1>",
    }
    visit = next(visit for visit in customer.visits if visit.path == "/debug")
    signature = sign(ACCOUNT.auth_token, f"{HOST}/debug", tuple(visit.form.items()))
    assert visit.headers["X-Twilio-Signature"] == signature


@virtual
async def test_a_debugger_that_is_down_holds_nothing_up_and_is_no_error_itself(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/debug"] = httpx.Response(500)
    async with World(tmp_path, customer, debugger=Debugger(url=f"{HOST}/debug")) as world, world.client() as client:
        await fail(world)
        await world.until(lambda: world.debugger.dropped == 2)
        assert len(await listed(client, "/Notifications.json")) == 2
    assert len(customer.visited("/debug")) == 2
    assert len(customer.visited("/status")) == 1
