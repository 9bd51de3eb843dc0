"""Short messages on their way to the operator's gateway, and a caller who hears himself."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

from tests.voice.exchange import HOST, NUMBER, Customer, World, virtual
from voice.settings import Sms
from voice.web.signature import sign

GATEWAY = {"sms": Sms(url=f"{HOST}/gateway")}


@virtual
async def test_a_message_reaches_the_gateway_signed_and_its_fate_is_told(tmp_path: Path) -> None:
    customer = Customer(
        {
            "/voice": "<Sms action='/sent' statusCallback='/fate'>Your code is 42</Sms>",
            "/sent": "<Say>Sent</Say>",
            "/gateway": httpx.Response(204),
            "/fate": httpx.Response(204),
        }
    )
    async with World(tmp_path, customer, **GATEWAY) as world:
        await world.ended(world.call())
        (message,) = customer.visited("/gateway")
        (sent,) = customer.visited("/sent")
        (fate,) = customer.visited("/fate")
        assert (message["To"], message["From"], message["Body"]) == ("+15550001", NUMBER, "Your code is 42")
        assert message["MessageSid"] == sent["SmsSid"] == fate["SmsSid"]
        assert message["MessageSid"].startswith("SM")
        assert (sent["SmsStatus"], fate["SmsStatus"]) == ("sending", "sent")
        assert fate["CallSid"] == sent["CallSid"] == message["CallSid"]
        (visit,) = (each for each in customer.visits if each.path == "/gateway")
        assert visit.headers["X-Twilio-Signature"] == sign("secret", f"{HOST}/gateway", tuple(message.items()))
        assert world.reports() == []


@virtual
async def test_a_gateway_that_fails_is_told(tmp_path: Path) -> None:
    customer = Customer(
        {"/voice": "<Sms statusCallback='/fate'>Hi</Sms>", "/gateway": httpx.Response(503), "/fate": httpx.Response(204)}
    )
    async with World(tmp_path, customer, **GATEWAY) as world:
        await world.ended(world.call())
        (fate,) = customer.visited("/fate")
        assert (fate["SmsStatus"], fate["ErrorCode"]) == ("failed", "11200")
        assert world.reports() == [11200]


@pytest.mark.parametrize(
    ("sms", "settings", "code", "status"),
    [
        ("<Sms action='/done'>Hi</Sms>", {}, 13803, "failed"),
        ("<Sms action='/done'/>", GATEWAY, 12200, "invalid"),
        ("<Sms action='/done' to='everyone'>Hi</Sms>", GATEWAY, 12200, "invalid"),
        (f"<Sms action='/done'>{'x' * 1601}</Sms>", GATEWAY, 12200, "invalid"),
    ],
)
@virtual
async def test_a_message_that_cannot_be_sent_is_told(
    tmp_path: Path, sms: str, settings: dict[str, Sms], code: int, status: str
) -> None:
    """13803 E when no gateway is configured; the call goes on."""
    customer = Customer({"/voice": sms, "/done": "<Say>On</Say>"})
    async with World(tmp_path, customer, **settings) as world:
        await world.ended(world.call())
        assert world.reports() == [code]
        (done,) = customer.visited("/done")
        assert (done["SmsSid"], done["SmsStatus"]) == ("", status)
        assert customer.visited("/gateway") == []


@virtual
async def test_a_caller_hears_himself_and_nothing_is_left_behind(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Echo/>"})) as world:
        call = world.call()
        await world.until(lambda: call.answered)
        said = np.arange(1, 801, dtype=np.int16)
        call.say(said)
        await world.until(lambda: bool(call.heard.any()) and call.heard[-1] == 0)
        assert np.array_equal(call.heard[call.heard > 0], said)
        call.hang_up()
        await world.ended(call)
        world.customer.answers["/voice"] = "<Gather timeout='1'/>"
        other = world.call()
        other.say(said)
        await world.ended(other)
        assert not other.heard.any()
