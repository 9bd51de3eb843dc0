"""User-defined messages between pages and applications (spec section 4.11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.voice.clients.world import conversation, over
from tests.voice.exchange import ACCOUNT, HOST, virtual
from tests.voice.pages import Page
from tests.voice.sdk import refused, sdk

STAY = {"/app": "<Gather timeout='600'/>", "/letters": ""}
SID = "KX" + "1" * 32


def _send(page: Page, sid: str, **more: Any) -> None:
    told = {"content": {"a": 1}, "contenttype": "application/json", "messagetype": "user-defined-message", "voiceeventsid": SID}
    page.say("message", callsid=sid, **(told | more))


@virtual
async def test_a_page_tells_the_application(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        call = sdk(world).calls(sid)
        made = await call.user_defined_message_subscriptions.create_async(callback=f"{HOST}/letters")
        assert made.sid.startswith("ZY")
        _send(alice, sid)
        assert alice.last("ack") == {"acktype": "message", "callsid": sid, "voiceeventsid": SID}
        await world.until(lambda: bool(world.customer.visited("/letters")))
        form = world.customer.visited("/letters")[0]
        assert (form["CallSid"], form["AccountSid"], form["Sid"]) == (sid, ACCOUNT.sid, SID)
        assert json.loads(form["Content"]) == {"a": 1}
        assert await call.user_defined_message_subscriptions(made.sid).delete_async()
        assert (await refused(call.user_defined_message_subscriptions(made.sid).delete_async()))[0] == 404
        _send(alice, sid)
        await world.until(lambda: len(alice.told("ack")) == 2)
        assert len(world.customer.visited("/letters")) == 1


@virtual
async def test_the_application_tells_a_page(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        made = await sdk(world).calls(sid).user_defined_messages.create_async(content='{"b": [2]}')
        assert alice.last("message") == {
            "callsid": sid,
            "content": {"b": [2]},
            "contenttype": "application/json",
            "messagetype": "user-defined-message",
            "voiceeventsid": made.sid,
        }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"content": "x" * 10_001}, 31212),
        ({"contenttype": "text/plain"}, 31210),
        ({"messagetype": "other"}, 31210),
        ({"callsid": "CA" + "0" * 32}, 31209),
    ],
)
@virtual
async def test_what_is_not_taken_is_refused_by_name(tmp_path: Path, wrong: dict[str, Any], code: int) -> None:
    async with conversation(tmp_path, STAY) as (_, alice, sid):
        _send(alice, **({"sid": sid} | {("sid" if name == "callsid" else name): value for name, value in wrong.items()}))
        assert (alice.last("error")["error"]["code"], alice.last("error")["voiceeventsid"]) == (code, SID)


@virtual
async def test_a_call_has_ten_subscriptions_at_most_and_they_end_with_it(tmp_path: Path) -> None:
    async with conversation(tmp_path, STAY) as (world, alice, sid):
        subscriptions = sdk(world).calls(sid).user_defined_message_subscriptions
        for _ in range(10):
            await subscriptions.create_async(callback=f"{HOST}/letters")
        assert (await refused(subscriptions.create_async(callback=f"{HOST}/letters")))[0] == 400
        alice.say("hangup", callsid=sid)
        await over(world)
        assert (await refused(subscriptions.create_async(callback=f"{HOST}/letters")))[0] == 404
