"""User-defined messages (section 4.11): telephones have no client that takes them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.voice.exchange import ACCOUNT, Customer, World, virtual

STAY = {"/voice": "<Gather timeout='60'/>", "/status": ""}
MESSAGES, SUBSCRIPTIONS = "UserDefinedMessages", "UserDefinedMessageSubscriptions"


def _client(world: World) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app()), base_url="http://switch", auth=(ACCOUNT.sid, ACCOUNT.auth_token)
    )


@pytest.mark.parametrize(
    ("method", "resource", "form", "status", "code", "words"),
    [
        ("POST", MESSAGES, {"Content": '{"a": 1}', "IdempotencyKey": "1"}, 404, 20404, "only calls of a client SDK"),
        ("POST", MESSAGES, {"Content": "no json"}, 400, 20001, "Content"),
        ("POST", MESSAGES, {}, 400, 20001, "Content"),
        ("POST", MESSAGES, {"Content": '"' + "x" * 10_000 + '"'}, 400, 20001, "Content"),
        ("POST", SUBSCRIPTIONS, {"Callback": "http://app.example/m"}, 404, 20404, "only calls of a client SDK"),
        ("POST", SUBSCRIPTIONS, {"Callback": "http://app.example/m", "Method": "PUT"}, 400, 21209, "Method"),
        ("POST", SUBSCRIPTIONS, {}, 400, 20001, "Callback"),
        ("DELETE", f"{SUBSCRIPTIONS}/ZY{'0' * 32}", {}, 404, 20404, "not found"),
    ],
)
@virtual
async def test_a_telephone_takes_no_messages(
    tmp_path: Path, method: str, resource: str, form: dict[str, str], status: int, code: int, words: str
) -> None:
    customer = Customer(dict(STAY))
    async with World(tmp_path, customer) as world, _client(world) as client:
        call = world.call()
        await world.until(lambda: call.answered)
        sid = customer.visited("/voice")[0]["CallSid"]
        address = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls/{sid}/{resource}.json"
        answer = await client.request(method, address, data=form if method == "POST" else None)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert words in answer.json()["message"]
        assert not call.ended
        call.hang_up()
        await world.ended(call)


@virtual
async def test_a_call_that_is_not_there_and_a_stranger(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(dict(STAY))) as world, _client(world) as client:
        address = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls/CA{'0' * 32}/{MESSAGES}.json"
        assert (await client.post(address, data={"Content": "{}"})).json()["code"] == 20404
        assert (await client.post(address, data={"Content": "{}"}, auth=("AC", "x"))).json()["code"] == 20003
