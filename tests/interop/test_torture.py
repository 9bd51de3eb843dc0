"""Every message of RFC 4475 at a running switch, by UDP and TCP: the right answer or silence, and nothing is left of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from tests.interop.switch import RunningSwitch, running_switch
from tests.interop.test_registrations import CONTACTS
from tests.sip.torture import Torture, open_wire, read_messages, say_by_datagram, say_by_stream
from tests.sip.wire import Wire
from tests.webhook import Webhook

MESSAGES = 49
DOMAIN = "example.com"
"""Where the messages go to; what they ask for is asked for a password there."""
WELL_FORMED = ("3.1.1.", "3.2.", "3.3.6", "3.3.15", "3.4.")


async def descriptors(switch: RunningSwitch) -> list[str]:
    """The sockets and pipes that the switch has open, one of them for the question whether a call is live, and none is."""
    assert await switch.metric("strowger_calls_live") == 0
    found = []
    for each in Path(f"/proc/{switch.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(each).partition(":")[0])
    return sorted(kind for kind in found if not kind.startswith("/"))


async def survive(switch: RunningSwitch, say: Callable[[Torture], int]) -> None:
    """Say every message; what is answered is right, and the switch still lives after each."""
    before, wrong = await descriptors(switch), {}
    probe = Wire.open(("127.0.0.1", switch.sip_port))
    for torture in read_messages():
        answer = await asyncio.to_thread(say, torture)
        if answer not in torture.answers:
            wrong[torture.name] = answer
        assert (await asyncio.to_thread(probe.options)).code == 200, torture.name
    probe.close()
    assert wrong == {}
    async with asyncio.timeout(10):
        while await descriptors(switch) != before:
            await asyncio.sleep(0.1)
    assert await switch.metric(CONTACTS) == 0
    assert "Traceback" not in switch.log.read_text()


async def test_all_messages_are_there() -> None:
    messages = read_messages()
    assert len({torture.section for torture in messages}) == MESSAGES
    for torture in messages:
        _, blank, body = torture.data.partition(b"\r\n\r\n")
        assert blank, torture.name
        if torture.section.startswith(WELL_FORMED) and torture.name not in ("dblreq", "inv2543"):
            length = next(int(line.partition(b":")[2]) for line in torture.data.split(b"\r\n") if _names_a_length(line))
            assert length == len(body), torture.name


def _names_a_length(line: bytes) -> bool:
    return line.partition(b":")[0].strip().lower() in (b"content-length", b"l")


async def test_torture_by_datagram(tmp_path: Path, webhook: Webhook) -> None:
    async with running_switch(tmp_path, {}, tables(webhook)) as switch:
        with contextlib.closing(open_wire(("127.0.0.1", switch.sip_port))) as wire:
            await survive(switch, lambda torture: say_by_datagram(wire, torture))
    assert not webhook.visits


async def test_torture_by_stream(tmp_path: Path, webhook: Webhook) -> None:
    async with running_switch(tmp_path, {}, tables(webhook)) as switch:
        await survive(switch, lambda torture: say_by_stream(("127.0.0.1", switch.sip_port), torture))
    assert not webhook.visits


def tables(webhook: Webhook) -> str:
    return (
        f'[[sip_domain]]\ndomain = "{DOMAIN}"\nvoice_url = "{webhook.url("/domain")}"\nusers = {{ alice = "Alice-password-1" }}'
    )
