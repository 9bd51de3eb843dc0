"""Real phones hand calls on by REFER (spec sections 2.12 and 6.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneFarCall, PhoneProcess, Policy, hears
from tests.webhook import Webhook

FIRST, SECOND = "+15550100", "+15550101"


@pytest.fixture
async def exchange(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    async with running_switch(tmp_path, {FIRST: webhook.url("/voice"), SECOND: webhook.url("/second")}) as switch:
        yield switch
        await switch.wait_until_idle()


@pytest.fixture
async def phone(exchange: RunningSwitch) -> AsyncIterator[PhoneProcess]:
    phone = PhoneProcess(exchange.address, free_port(), lambda user: "")
    await phone.start()
    yield phone
    await phone.stop()


def follow(form: Mapping[str, str]) -> str:
    """What a customer answers to a REFER."""
    return f"<Dial><Sip>{escape(form['ReferTransferTarget'])}</Sip></Dial>"


async def talking(phone: PhoneProcess, webhook: Webhook, more: str = "") -> tuple[PhoneFarCall, PhoneFarCall]:
    """Alice, who says 500 Hz, with Bob, who says 900."""
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = f"<Dial referUrl='/refer' action='/done' {more}><Sip>{bob}</Sip></Dial>"
    webhook.answers["/done"] = "<Hangup/>"
    webhook.answers["/refer"] = follow
    alice = phone.dial(FIRST)
    alice.say(500)
    called = await phone.called("bob")
    await hears(alice, 900)
    await hears(called, 500)
    return alice, called


async def test_a_phone_that_is_referred_calls_the_other_one_itself(
    exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    carol = phone.target("carol", Policy("answer", tone=1300))
    webhook.answers["/voice"] = f"<Refer action='/done'><Sip>{carol}?X-Note=7</Sip></Refer>"
    webhook.answers["/done"] = "<Hangup/>"
    alice = phone.dial(FIRST)
    called = await phone.called("carol")
    done = (await webhook.wait_for("/done")).form
    assert (done["ReferCallStatus"], done["ReferSipResponseCode"], done["NotifySipResponseCode"]) == ("in-progress", "202", "200")
    assert any(name == "X-Note" for name, _ in called.headers)
    await alice.ended()
    called.hang_up()


async def test_a_phone_that_is_referred_to_a_busy_one(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    carol = phone.target("carol", Policy("refuse", 486))
    webhook.answers["/voice"] = f"<Refer action='/done'><Sip>{carol}</Sip></Refer>"
    webhook.answers["/done"] = "<Say>Busy.</Say>"
    alice = phone.dial(FIRST)
    done = (await webhook.wait_for("/done")).form
    assert (done["ReferCallStatus"], done["NotifySipResponseCode"]) == ("busy", "486")
    await alice.ended()


async def test_a_blind_transfer_by_the_callee(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    alice, bob = await talking(phone, webhook)
    carol = phone.target("carol", Policy("answer", tone=1300))
    bob.refer(f"<{carol}>")
    assert await bob.ended() == 200
    called = await phone.called("carol")
    await hears(alice, 1300)
    await hears(called, 500)
    assert webhook.visited("/refer")[0].form["ReferTransferTarget"] == f"<{carol}>"
    called.hang_up()
    await alice.ended()


async def test_a_blind_transfer_by_the_caller(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    alice, bob = await talking(phone, webhook)
    alice.refer(f"<{phone.target('carol', Policy('answer', tone=1300))}>")
    assert await alice.ended() == 200
    called = await phone.called("carol")
    await hears(bob, 1300)
    await hears(called, 900)
    assert webhook.visited("/refer")[0].form["Direction"] == "outbound-dial"
    bob.hang_up()
    await called.ended()


async def test_an_attended_transfer(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    """Bob asks Carol in a second call, and then connects Alice with her."""
    alice, bob = await talking(phone, webhook)
    webhook.answers["/second"] = f"<Dial><Sip>{phone.target('carol', Policy('answer', tone=1300))}</Sip></Dial>"
    await bob.hold(True)
    asking = phone.dial(SECOND)
    asking.say(700)
    carol = await phone.called("carol")
    await hears(carol, 700)
    await hears(asking, 1300)
    bob.refer_to_call(asking)
    assert [await bob.ended(), await asking.ended()] == [200, 200]
    await hears(alice, 1300)
    await hears(carol, 500)
    assert "Replaces=" in webhook.visited("/refer")[0].form["ReferTransferTarget"]
    alice.hang_up()
    await carol.ended()


async def test_two_callers_of_one_phone_are_connected(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    """Both calls came to Bob, who leaves the two to each other."""
    alice, bob = await talking(phone, webhook)
    webhook.answers["/second"] = f"<Dial action='/done'><Sip>{phone.target('robert', Policy('answer', tone=700))}</Sip></Dial>"
    await bob.hold(True)
    dave = phone.dial(SECOND)
    dave.say(1300)
    robert = await phone.called("robert")
    await hears(dave, 700)
    bob.refer_to_call(robert)
    assert [await bob.ended(), await robert.ended()] == [200, 200]
    await hears(alice, 1300)
    await hears(dave, 500)
    dave.hang_up()
    await alice.ended()


async def test_a_transfer_to_a_busy_phone_gives_the_caller_back(
    exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    alice, bob = await talking(phone, webhook, "answerOnBridge='true'")
    bob.refer(f"<{phone.target('carol', Policy('refuse', 486))}>")
    assert await bob.referral_over() == 486
    await hears(alice, 900)
    await hears(bob, 500)
    alice.hang_up()
    await bob.ended()


async def test_a_transfer_that_nobody_allows(exchange: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    alice, bob = await talking(phone, webhook)
    webhook.answers["/second"] = f"<Dial><Sip>{phone.target('carol', Policy('answer', tone=1300))}</Sip></Dial>"
    dave = phone.dial(SECOND)
    carol = await phone.called("carol")
    await hears(dave, 1300)
    carol.refer("<sip:alice@127.0.0.1>")
    assert await carol.referral_over() == 603
    await hears(dave, 1300)
    for call in (dave, alice):
        call.hang_up()
    await bob.ended()
