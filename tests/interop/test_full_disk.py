"""The disk of a switch fills up: calls go on, nobody is told of what could not be kept, and with room again all is written."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.switch import SID, TOKEN, running_switch
from tests.sip.far import PhoneProcess, hears, running_phone
from tests.webhook import Webhook

ROOM = "size=24m"
KEPT = (("completed", "0"), ("absent", "15000"), ("completed", "0"))
"""What becomes of the recordings before, meanwhile and after."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", ROOM, "tmpfs", folder], check=False).returncode:
        pytest.skip("needs root to mount a disk of its own")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """No byte more fits meanwhile."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    yield
    ballast.unlink()


async def leave_a_message(phone: PhoneProcess, webhook: Webhook, count: int) -> None:
    """Until the call, the ``count``-th, is over."""
    alice = phone.dial("+15550100")
    alice.say(500)
    await alice.answered()
    await hears(alice, 1000)
    await asyncio.sleep(1)
    alice.press("#")
    await webhook.wait_for("/next", count)
    await alice.ended()


async def test_calls_outlive_a_full_disk(disk: Path, webhook: Webhook) -> None:
    told = "recordingStatusCallback='/recorded' recordingStatusCallbackEvent='completed absent'"
    webhook.answers = {"/voice": f"<Record action='/next' finishOnKey='#' {told}/>"}
    webhook.answers.update({"/next": "<Say>Goodbye.</Say><Hangup/>", "/recorded": "", "/status": ""})
    async with running_switch(disk, {"+15550100": webhook.url("/voice")}) as switch, running_phone(switch.address) as phone:
        await leave_a_message(phone, webhook, 1)
        with full(disk):
            await leave_a_message(phone, webhook, 2)
            assert (await switch.client.get("/readyz")).status_code == 200
        await leave_a_message(phone, webhook, 3)
        await webhook.wait_for("/recorded", 3)
        statuses = {
            visit.form["CallSid"]: (visit.form["RecordingStatus"], visit.form["ErrorCode"])
            for visit in webhook.visited("/recorded")
        }
        for sid, status in zip((visit.form["CallSid"] for visit in webhook.visited("/next")), KEPT, strict=True):
            assert statuses[sid] == status
            entries = await switch.finished_journal(sid)
            assert [entry.data["name"] for entry in entries if entry.kind == "verb"] == ["Record", "Say", "Hangup"]
            stored = await switch.client.get(f"/2010-04-01/Accounts/{SID}/Calls/{sid}.json", auth=(SID, TOKEN))
            assert stored.json()["status"] == "completed"
