"""Which of its addresses the switch names to whom: ``bind``, ``external_address``, ``media_address`` and ``local_net``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from sip.addresses import bracketed
from sip.message import Message
from tests.interop.switch import RunningSwitch, running_switch
from tests.sip.carrier import respond
from tests.sip.natives import needs_natives
from tests.sip.talk import offer
from tests.sip.wire import Wire
from tests.webhook import Webhook
from voice.routing.hosts import machine_addresses

pytestmark = needs_natives

NUMBER = "+15550100"
OUTSIDE = {4: "203.0.113.7", 6: "2001:db8::7"}
AUDIO = {4: "203.0.113.8", 6: "2001:db8::8"}
BOUND = 'bind = ["0.0.0.0", "::"]\n'
ABROAD = f'{BOUND}external_address = ["203.0.113.7", "2001:db8::7"]\n'
FAR = {address.version: str(address) for each in machine_addresses() if not (address := ip_address(each)).is_loopback}
NEAR = {4: "127.0.0.1", 6: "::1"}
"""Of this machine."""


@contextmanager
def phone(switch: RunningSwitch, address: str) -> Iterator[Wire]:
    """A socket at an address that speaks to the switch at the same one."""
    wire = Wire.open((address, switch.sip_port), address)
    try:
        yield wire
    finally:
        wire.close()


def address_of(version: int) -> str:
    if version not in FAR:
        pytest.skip(f"this machine has no IPv{version} address but loopback")
    return FAR[version]


async def call_in(switch: RunningSwitch, wire: Wire) -> Message:
    """The 200 to a call."""
    address = wire.address[0]
    text = wire.request("INVITE", offer(address, 4000), user=NUMBER)
    wire.send(text)
    call_id = re.search(r"Call-ID: (\S+)", text)
    assert call_id is not None
    answer = await asyncio.to_thread(wire.final, call_id[1])
    tag = answer.header("to").rpartition("tag=")[2]
    for method, cseq in (("ACK", 1), ("BYE", 2)):
        wire.send(wire.request(method, user=NUMBER, call_id=call_id[1], to_tag=tag, cseq=cseq))
    await asyncio.to_thread(wire.final, call_id[1])
    return answer


def names(message: Message) -> tuple[str, str]:
    """What a message says of where we are: the host of Contact, and where audio goes."""
    contact, audio = (
        re.search(r"@?(\[[^\]]+\]|[0-9.]+):\d+[;>]", message.header("contact")),
        re.search(r"c=IN IP. (\S+)", message.body),
    )
    assert contact is not None
    assert audio is not None
    assert set(re.findall(r"IN IP[46] (\S+)", message.body)) == {audio[1]}
    return contact[1].strip("[]"), audio[1]


@pytest.mark.parametrize("version", [4, 6])
async def test_the_address_that_faces_a_phone_is_named_to_it(tmp_path: Path, webhook: Webhook, version: int) -> None:
    webhook.answers["/voice"] = "<Play digits='1'/><Pause length='5'/>"
    far = address_of(version)
    async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, sip=BOUND) as switch:
        for address in (NEAR[version], far):
            with phone(switch, address) as wire:
                assert names(await call_in(switch, wire)) == (address, address)


@pytest.mark.parametrize("version", [4, 6])
async def test_strangers_are_told_the_external_addresses_and_neighbours_are_not(
    tmp_path: Path, webhook: Webhook, version: int
) -> None:
    webhook.answers["/voice"] = "<Play digits='1'/><Pause length='5'/>"
    far = address_of(version)
    media = f'{ABROAD}media_address = ["203.0.113.8", "2001:db8::8"]\n'
    async with running_switch(tmp_path, {NUMBER: webhook.url("/voice")}, sip=media) as switch:
        with phone(switch, far) as wire:
            assert names(await call_in(switch, wire)) == (OUTSIDE[version], AUDIO[version])
            await switch.place(f"sip:bob@{wire.host}", webhook.url("/voice"))
            invite = await asyncio.to_thread(wire.receive)
            wire.send(respond(invite, "486 Busy Here"))
        assert names(invite) == (OUTSIDE[version], AUDIO[version])
        assert invite.header("via").startswith(f"SIP/2.0/UDP {bracketed(OUTSIDE[version])}:{switch.sip_port};")
        with phone(switch, NEAR[version]) as wire:
            assert names(await call_in(switch, wire)) == (NEAR[version], NEAR[version])
    near = f'{ABROAD}local_net = ["{far}/{32 if version == 4 else 128}"]\n'
    folder = tmp_path / "near"
    folder.mkdir()
    async with running_switch(folder, {NUMBER: webhook.url("/voice")}, sip=near) as switch:
        with phone(switch, far) as wire:
            assert names(await call_in(switch, wire)) == (far, far)
