"""Callers who hang up at any moment leave the running process as it was: no port, no file, no playback, no recording."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import Response

from tests.interop.switch import RunningSwitch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy
from tests.telephone import Caller
from tests.webhook import Webhook

MOMENTS = (0.0, 0.1, 0.3, 0.7, 1.5)
"""Seconds after the answer."""
DOCUMENTS = {
    "Say": "<Say loop='0'>On and on.</Say>",
    "Play": "<Play loop='0'>/tone.ulaw</Play>",
    "Gather": "<Gather timeout='60'><Say>Keys?</Say></Gather>",
    "Record": "<Record/>",
    "Dial": "<Dial record='record-from-answer-dual'><Sip>sip:bob@{phone}</Sip></Dial>",
    "Conference": "<Dial><Conference record='record-from-start'>room</Conference></Dial>",
    "Enqueue": "<Enqueue>support</Enqueue>",
    "Echo": "<Echo/>",
    "Pay": "<Pay/>",
}


def _held(pid: int) -> tuple[int, list[str]]:
    """UDP sockets and files of a process; connections of HTTP come and go as they like."""
    inodes = {line.split()[9] for line in _table(pid)}
    targets = list(_targets(pid))
    ports = sum(target.startswith("socket:[") and target[8:-1] in inodes for target in targets)
    return ports, sorted(target for target in targets if target.startswith("/") and not target.startswith("/dev"))


def _table(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]


def _targets(pid: int) -> Iterator[str]:
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        try:
            yield os.readlink(f"/proc/{pid}/fd/{descriptor}")
        except FileNotFoundError:
            continue  # closed meanwhile


async def _hang_up_after(switch: RunningSwitch, seconds: float, name: int) -> None:
    caller = Caller("+15550100", switch.sip_port, name)
    await caller.call()
    await asyncio.sleep(seconds)
    caller.hang_up()


async def _holdings(switch: RunningSwitch) -> dict[str, object]:
    """Everything that a call takes, counted."""
    ports, files = _held(switch.process.pid)
    playbacks = await switch.metric("strowger_playbacks")
    return {"ports": ports, "files": files, "calls": await switch.metric("strowger_calls_live"), "playbacks": playbacks}


async def _settled(switch: RunningSwitch, wanted: dict[str, object]) -> dict[str, object]:
    """What is held once it is what is wanted, or after ten seconds."""
    for _ in range(100):
        holdings = await _holdings(switch)
        if holdings == wanted:
            break
        await asyncio.sleep(0.1)
    return holdings


@pytest.mark.parametrize("verb", DOCUMENTS)
async def test_hanging_up_gives_everything_back(switch: RunningSwitch, webhook: Webhook, verb: str) -> None:
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    try:
        bob = phone.target("bob", Policy("answer", tone=900)).partition("@")[2]
        webhook.answers["/voice"] = DOCUMENTS[verb].format(phone=bob)
        webhook.answers["/tone.ulaw"] = Response(b"\x10" * 16_000, media_type="audio/basic")
        await _hang_up_after(switch, 0.5, 1)
        await switch.wait_until_idle()
        await asyncio.sleep(1)
        before = await _holdings(switch)
        assert (before["calls"], before["playbacks"]) == (0, 0)
        for name, seconds in enumerate(MOMENTS * 2, start=2):
            await _hang_up_after(switch, seconds, name)
        assert await _settled(switch, before) == before
    finally:
        await phone.stop()
