"""Real phones register with a real switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.interop import baresip
from tests.interop.kamailio import running_front
from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy, hears, running_phone
from tests.webhook import Webhook

DOMAIN = "phones.example.com"
USERS = {name: f"{name.title()}-password-1" for name in ("alice", "bob", "carol")}
CONTACTS = "strowger_contacts_registered"


def domain_settings(voice_url: str) -> str:
    """The TOML of a domain with three users."""
    users = ", ".join(f'{name} = "{password}"' for name, password in USERS.items())
    return f'[[sip_domain]]\ndomain = "{DOMAIN}"\nvoice_url = "{voice_url}"\nusers = {{ {users} }}'


@pytest.fixture
async def switch(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    async with running_switch(tmp_path, {}, domain_settings(webhook.url("/domain"))) as running:
        yield running


async def register(
    switch: RunningSwitch,
    folder: Path,
    user: str = "alice",
    password: str = "",
    code: int = 200,
    tcp: bool = False,
    expires: int = 3600,
    port: int = 0,
) -> str:
    """Let SIPp register once; the messages of it."""
    given = {"user": user, "password": password or USERS[user], "domain": DOMAIN, "code": str(code), "expires": str(expires)}
    played = await play("register", folder, switch.address, tcp=tcp, port=port, values=given)
    assert played.status == 0, played.output
    return played.messages


async def until_registered(switch: RunningSwitch, count: int, seconds: float = 15) -> None:
    """Wait until so many phones are registered."""
    async with asyncio.timeout(seconds):
        while await switch.metric(CONTACTS) != count:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_sipp_registers_and_is_told_for_how_long(switch: RunningSwitch, tmp_path: Path, tcp: bool) -> None:
    messages = await register(switch, tmp_path, tcp=tcp, expires=7200)
    assert "Contact: <sip:alice@10.0.0.5:5060;transport=" in messages.rpartition("SIP/2.0 200 OK")[2]
    assert ";expires=3600" in messages.rpartition("SIP/2.0 200 OK")[2]
    assert await switch.metric(CONTACTS) == 1
    await register(switch, tmp_path, expires=0)


async def test_a_wrong_password_and_a_wrong_name_are_refused_alike(switch: RunningSwitch, tmp_path: Path) -> None:
    await register(switch, tmp_path, password="Wrong-password-1", code=403)
    await register(switch, tmp_path, user="mallory", password="Wrong-password-1", code=403)
    assert await switch.metric(CONTACTS) == 0


async def test_a_brief_interval_is_refused(switch: RunningSwitch, tmp_path: Path) -> None:
    assert "Min-Expires: 600" in await register(switch, tmp_path, expires=60, code=423)


async def test_baresip_registers_and_leaves(switch: RunningSwitch, tmp_path: Path) -> None:
    account = f"alice:{USERS['alice']}@{DOMAIN}"
    async with baresip.registered(tmp_path / "baresip", account, f"sip:{switch.address}", np.zeros(0, np.int16), 20):
        await until_registered(switch, 1)
    await until_registered(switch, 0)


async def test_phones_call_each_other_by_name(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    for user in ("alice", "bob"):
        assert await phone.register(user, USERS[user], DOMAIN) == 200
    phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/domain"] = lambda form: f"<Dial><Sip>{form['To']}</Sip></Dial>"
    call = phone.dial_as("alice", f"sip:bob@{DOMAIN}", (("X-Ticket", "42"),))
    call.say(500)
    answered = await phone.called("bob")
    await hears(call, 900)
    await hears(answered, 500)
    form = (await webhook.wait_for("/domain")).form
    assert (form["From"], form["To"]) == (f"sip:alice@{DOMAIN}", f"sip:bob@{DOMAIN}")
    assert (form["SipDomain"], form["SipAuthUsername"], form["SipHeader_X-Ticket"]) == (DOMAIN, "alice", "42")
    assert dict(answered.headers)["From"].partition(">")[0].endswith(f"<sip:alice@{DOMAIN}")
    answered.hang_up()
    await call.ended()


async def test_phones_call_each_other_without_an_application(tmp_path: Path) -> None:
    async with running_switch(tmp_path, {}, domain_settings("")) as switch, running_phone(switch.address) as phone:
        for user, transport in (("alice", ";transport=tcp"), ("bob", "")):
            assert await phone.register(user, USERS[user], DOMAIN, parameters=transport) == 200
        phone.target("bob", Policy("answer", tone=900))
        call = phone.dial_as("alice", f"sip:bob@{DOMAIN}")
        await hears(call, 900)
        call.hang_up()
        await call.ended()
        phone.target("alice", Policy("answer", tone=1300))
        back = phone.dial_as("bob", f"sip:alice@{DOMAIN}")
        await hears(back, 1300)
        back.hang_up()
        await back.ended()
        assert await phone.dial_as("alice", f"sip:carol@{DOMAIN}").ended() == 404


async def test_phones_behind_a_proxy_call_each_other_through_it(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/domain"] = lambda form: f"<Dial><Sip>{form['To']}</Sip></Dial>"
    async with running_front(tmp_path, switch.sip_port) as proxy, running_phone(f"127.0.0.1:{proxy.port}") as phone:
        for user in ("alice", "bob"):
            assert await phone.register(user, USERS[user], DOMAIN) == 200
        phone.target("bob", Policy("answer", tone=900))
        call = phone.dial_as("alice", f"sip:bob@{DOMAIN}")
        call.say(500)
        answered = await phone.called("bob")
        assert any(f":{proxy.port}" in value for name, value in answered.headers if name == "Via")
        await hears(call, 900)
        await hears(answered, 500)
        await answered.hold(True)
        await answered.hold(False)
        await hears(call, 900)
        answered.hang_up()
        await call.ended()
        assert await phone.leave("bob") == 200


async def test_baresip_is_called_by_its_name_and_heard(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook, tmp_path: Path
) -> None:
    account, tone = f"bob:{USERS['bob']}@{DOMAIN}", 8000 * np.sin(2 * np.pi * 900 * np.arange(8000 * 30) / 8000)
    async with baresip.registered(tmp_path / "baresip", account, f"sip:{switch.address}", tone.astype(np.int16), 40):
        await until_registered(switch, 1)
        assert await phone.register("alice", USERS["alice"], DOMAIN) == 200
        webhook.answers["/domain"] = "<Dial><Client>bob</Client></Dial>"
        call = phone.dial_as("alice", f"sip:anybody@{DOMAIN}")
        await hears(call, 900)
        call.hang_up()
        await call.ended()


async def test_all_of_a_users_phones_ring_until_one_answers(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook, tmp_path: Path
) -> None:
    webhook.answers["/domain"] = f"<Dial action='/over'><Sip>sip:bob@{DOMAIN}</Sip></Dial>"
    webhook.answers["/over"] = "<Hangup/>"
    port = free_port()
    await register(switch, tmp_path, "bob", port=port)
    waiting = asyncio.create_task(play("ring", tmp_path, port=port))
    assert await phone.register("bob", USERS["bob"], DOMAIN) == 200
    assert await phone.register("alice", USERS["alice"], DOMAIN) == 200
    await until_registered(switch, 3)
    phone.target("bob", Policy("answer", tone=900))
    call = phone.dial_as("alice", f"sip:bob@{DOMAIN}")
    await hears(call, 900)
    played = await waiting
    assert played.status == 0, played.output
    (await phone.called("bob")).hang_up()
    assert (await webhook.wait_for("/over")).form["DialCallStatus"] == "completed"


async def test_a_phone_that_has_left_is_not_called(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    for user in ("alice", "bob"):
        assert await phone.register(user, USERS[user], DOMAIN) == 200
    assert await phone.leave("bob") == 200
    webhook.answers["/domain"] = f"<Dial action='/over'><Sip>sip:bob@{DOMAIN}</Sip></Dial>"
    webhook.answers["/over"] = "<Hangup/>"
    phone.dial_as("alice", f"sip:bob@{DOMAIN}")
    assert (await webhook.wait_for("/over")).form["DialCallStatus"] == "failed"


async def test_a_stranger_is_asked_and_refused(switch: RunningSwitch, tmp_path: Path, webhook: Webhook) -> None:
    played = await play("refused", tmp_path, f"{switch.address}", values={"code": "407"})
    assert played.status == 0, played.output
    assert not webhook.visits


async def test_phones_are_reached_after_the_switch_was_killed(tmp_path: Path, webhook: Webhook) -> None:
    settings, folder = domain_settings(""), tmp_path / "switch"
    folder.mkdir()
    async with running_switch(folder, {}, settings) as switch:
        desk = free_port()
        await register(switch, tmp_path, "bob", port=desk)
        await asyncio.sleep(0.5)
        switch.process.kill()
        await switch.process.wait()
    async with running_switch(folder, {}, settings) as switch, running_phone(switch.address) as phone:
        assert await switch.metric(CONTACTS) == 1
        waiting = asyncio.create_task(play("answer", tmp_path, port=desk))
        assert await phone.register("alice", USERS["alice"], DOMAIN) == 200
        call = phone.dial_as("alice", f"sip:bob@{DOMAIN}")
        await call.answered()
        call.hang_up()
        played = await waiting
        assert played.status == 0, played.output
