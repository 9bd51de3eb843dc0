"""Real phones register with a real switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from tests.interop import baresip
from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, running_switch
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
) -> str:
    """Let SIPp register once; the messages of it."""
    given = {"user": user, "password": password or USERS[user], "domain": DOMAIN, "code": str(code), "expires": str(expires)}
    played = await play("register", folder, switch.address, tcp=tcp, values=given)
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
