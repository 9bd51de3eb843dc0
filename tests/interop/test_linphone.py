"""linphone registers, calls and is called by name, holds and transfers, with telephones of other makers at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop import baresip
from tests.interop.linphone import Linphone, registered
from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, running_switch
from tests.interop.test_registrations import DOMAIN, USERS, domain_settings, register, until_registered
from tests.interop.test_transfers import follow
from tests.ports import free_port
from tests.sip.far import FarCall, PhoneProcess, Policy, hears
from tests.sip.sound import tone
from tests.webhook import Webhook

NUMBER = "+15550100"
ALICE, BOB, CAROL = 500, 900, 1300
"""What each says, in hertz; bob has the linphone."""


@pytest.fixture
async def switch(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    webhook.answers["/domain"] = lambda form: f"<Dial referUrl='/refer'><Sip>{form['To']}</Sip></Dial>"
    webhook.answers["/refer"] = follow
    settings = domain_settings(webhook.url("/domain"))
    async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, settings) as running:
        yield running
        await running.wait_until_idle()


@pytest.fixture
async def linphone(switch: RunningSwitch, tmp_path: Path) -> AsyncIterator[Linphone]:
    async with registered(tmp_path / "linphone", "bob", USERS["bob"], DOMAIN, switch.address, BOB) as running:
        await until_registered(switch, 1)
        yield running
    await until_registered(switch, 0)


async def test_it_calls_and_is_called_by_name_and_holds(linphone: Linphone, phone: PhoneProcess) -> None:
    assert await phone.register("alice", USERS["alice"], DOMAIN) == 200
    phone.target("alice", Policy("answer", tone=ALICE))
    linphone.tell(f"call sip:alice@{DOMAIN}")
    called = await phone.called("alice")
    await hears(called, BOB)
    await linphone.hears(ALICE)
    linphone.tell("pause")
    await linphone.says("paused")
    called.say(CAROL)
    linphone.tell("resume")
    await linphone.hears(CAROL)
    await hears(called, BOB)
    linphone.tell("terminate")
    await called.ended()
    linphone.tell("autoanswer enable")
    calling = phone.dial_as("alice", f"sip:bob@{DOMAIN}")
    calling.say(ALICE)
    await hears(calling, BOB)
    await linphone.hears(ALICE)
    calling.hang_up()
    await calling.ended()
    assert await phone.leave("alice") == 200


async def test_it_talks_with_baresip(switch: RunningSwitch, linphone: Linphone, tmp_path: Path) -> None:
    account, folder = f"carol:{USERS['carol']}@{DOMAIN}", tmp_path / "baresip"
    async with baresip.registered(folder, account, f"sip:{switch.address}", tone(CAROL, 60), 60):
        await until_registered(switch, 2)
        linphone.tell(f"call sip:carol@{DOMAIN}")
        await linphone.hears(CAROL)
        await baresip.hears(folder, BOB)
        linphone.tell("terminate")


async def test_it_talks_with_sipp(switch: RunningSwitch, linphone: Linphone, webhook: Webhook, tmp_path: Path) -> None:
    port = free_port()
    await register(switch, tmp_path, "carol", port=port)
    waiting = asyncio.create_task(play("answer", tmp_path, port=port))
    linphone.tell(f"call sip:carol@{DOMAIN}")
    await linphone.says("connected")
    linphone.tell("terminate")
    assert (await waiting).status == 0
    webhook.answers["/voice"] = f"<Dial><Sip>sip:bob@{DOMAIN}</Sip></Dial>"
    linphone.tell("autoanswer enable")
    calling = asyncio.create_task(play("talk", tmp_path, switch.address, number=NUMBER))
    await linphone.says("for call 2")
    linphone.tell("terminate")
    assert (await calling).status == 0
    await register(switch, tmp_path, "carol", port=port, expires=0)


async def calling_alice(linphone: Linphone, phone: PhoneProcess) -> FarCall:
    """Its call to alice, who is to be connected with carol."""
    for user, hz in (("alice", ALICE), ("carol", CAROL)):
        assert await phone.register(user, USERS[user], DOMAIN) == 200
        phone.target(user, Policy("answer", tone=hz))
    linphone.tell(f"call sip:alice@{DOMAIN}")
    return await phone.called("alice")


async def leave(alice: FarCall, carol: FarCall, phone: PhoneProcess) -> None:
    """The end of alice's call with carol."""
    await hears(alice, CAROL)
    await hears(carol, ALICE)
    alice.hang_up()
    await carol.ended()
    for user in ("alice", "carol"):
        assert await phone.leave(user) == 200


async def test_it_transfers_a_call(linphone: Linphone, phone: PhoneProcess) -> None:
    alice = await calling_alice(linphone, phone)
    await hears(alice, BOB)
    linphone.tell(f"transfer sip:carol@{DOMAIN}")
    carol = await phone.called("carol")
    await leave(alice, carol, phone)


async def test_it_asks_before_it_transfers(linphone: Linphone, phone: PhoneProcess) -> None:
    alice = await calling_alice(linphone, phone)
    await linphone.hears(ALICE)
    linphone.tell("pause")
    await linphone.says("paused")
    linphone.tell(f"call sip:carol@{DOMAIN}")
    carol = await phone.called("carol")
    await hears(carol, BOB)
    linphone.tell("transfer 1 --to-call 2")
    await leave(alice, carol, phone)
