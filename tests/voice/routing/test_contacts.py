"""Phones stay within reach: beyond a restart, and behind a NAT."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from tests.voice.softphone import DOMAIN, Softphone
from voice.settings import Registrar, SipDomain, Strangers
from voice.store.tables.sip import REGISTRATIONS

PASSWORD = "alice-password"
SETTINGS = {"sip_domain": (SipDomain(domain=DOMAIN, users={"alice": PASSWORD}),)}


def alice(switch: World, contact: str) -> Softphone:
    """One of Alice's phones."""
    return Softphone(switch, "alice", PASSWORD, contact=contact)


def targets(switch: World) -> list[str]:
    """Where Alice is reached."""
    return [str(binding.contact.target) for _, binding in switch.phones.called("alice", ACCOUNT.sid)]


@contextlib.asynccontextmanager
async def looked_after(switch: World) -> AsyncIterator[None]:
    """Let the contacts be looked after, as in a server."""
    task = asyncio.create_task(switch.exchange.contacts.run())
    yield
    task.cancel()


async def stored(switch: World) -> int:
    """Users whose contacts are written down."""
    return len(await switch.database.read(lambda connection: connection.execute(select(REGISTRATIONS)).all()))


@virtual
async def test_a_restart_forgets_nobody(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register(700, ("Path", "<sip:edge.example.com;lr>"))
        flow = 'sip:mobile@10.0.0.5:5060;transport=tcp>;+sip.instance="<urn:uuid:1>";reg-id=1;q=0.5;x=<y'
        await alice(switch, flow).register(3600)
        known = switch.phones.called("alice", ACCOUNT.sid)
        assert len(known) == 2
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        assert switch.phones.called("alice", ACCOUNT.sid) == known


@virtual
async def test_a_restart_forgets_nobodys_good_name(tmp_path: Path) -> None:
    rules = Strangers(failures=2, trusted=())
    async with World(tmp_path, Customer(), strangers=rules, **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register(700)
    async with World(tmp_path, Customer(), strangers=rules, **SETTINGS) as switch:
        for _ in range(5):
            switch.exchange.resources.strangers.fails("198.51.100.7:666")
        assert list(switch.fake.peers.shunned) == ["198.51.100.7:666"]


@virtual
async def test_what_expires_is_forgotten_everywhere(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register(600)
        assert await stored(switch) == 1
        async with looked_after(switch):
            await asyncio.sleep(620)
        assert (await stored(switch), targets(switch), len(switch.phones.locations)) == (0, [], 0)


@virtual
async def test_what_expires_meanwhile_is_forgotten_at_the_start(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register(600)
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        switch.database.put(REGISTRATIONS, {"id": "bob@x", "expires": switch.wall(), "binding": [{"contact": 7}]})
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        assert targets(switch) == ["sip:desk@198.51.100.1"]
        assert await stored(switch) == 2


@virtual
async def test_who_leaves_is_forgotten(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        phone = alice(switch, "sip:desk@198.51.100.1")
        await phone.register()
        await phone.register(0)
        assert await stored(switch) == 0


@virtual
async def test_a_user_who_is_removed_is_forgotten(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register()
        domain = switch.phones.domains.named(DOMAIN)
        assert domain is not None
        switch.phones.put(domain)
        assert len(targets(switch)) == 1
        switch.phones.put(replace(domain, registrants={}))
        assert await stored(switch) == 0
        switch.phones.put(domain)
        assert targets(switch) == []
        await alice(switch, "sip:desk@198.51.100.1").register()
        switch.phones.remove(DOMAIN)
        assert await stored(switch) == 0


@virtual
async def test_a_user_who_is_removed_from_the_settings_is_forgotten(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), **SETTINGS) as switch:
        await alice(switch, "sip:desk@198.51.100.1").register()
    async with World(tmp_path, Customer(), sip_domain=(SipDomain(domain=DOMAIN, users={"bob": "x"}),)) as switch:
        assert await stored(switch) == 0


@virtual
async def test_the_way_to_a_hidden_phone_is_kept_open(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), registrar=Registrar(ping_seconds=20), **SETTINGS) as switch:
        await alice(switch, "sip:hidden@10.0.0.5").register()
        await alice(switch, "sip:plain@198.51.100.1").register()
        await alice(switch, "sip:connected@10.0.0.6;transport=tcp").register()
        await alice(switch, "sip:behind-proxy@10.0.0.7").register(3600, ("Path", "<sip:edge.example.com;lr>"))
        async with looked_after(switch):
            await asyncio.sleep(100.5)
        assert switch.fake.peers.pinged == ["sip:hidden@198.51.100.7:40000"] * 5


@virtual
async def test_pings_can_be_left_out(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), registrar=Registrar(ping_seconds=0), **SETTINGS) as switch:
        await alice(switch, "sip:hidden@10.0.0.5").register()
        async with looked_after(switch):
            await asyncio.sleep(100)
        assert switch.fake.peers.pinged == []
