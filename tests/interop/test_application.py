"""An application that lets the caller hear himself, dialled from a document, with a telephone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, hears
from tests.webhook import Webhook

SID = "AP" + "0" * 32


@pytest.fixture
async def switch(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    application = f'[[application]]\nsid = "{SID}"\nname = "mirror"\nvoice_url = "{webhook.url("/mirror")}"'
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, application) as running:
        yield running


async def test_a_telephone_hears_itself_in_an_application_and_comes_back(switch: RunningSwitch, webhook: Webhook) -> None:
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    try:
        webhook.answers["/voice"] = f"<Dial hangupOnStar='true' action='/after'><Application>{SID}</Application></Dial>"
        webhook.answers["/mirror"] = "<Echo/>"
        webhook.answers["/after"] = "<Gather timeout='60'/>"
        alice = phone.dial("+15550100")
        alice.say(500)
        await alice.answered()
        await hears(alice, 500)
        alice.press("*")
        await hears(alice, 0)
        alice.hang_up()
        await alice.ended()
        await switch.wait_until_idle()
    finally:
        await phone.stop()


async def test_the_doctor_finds_the_switch_that_runs(switch: RunningSwitch) -> None:
    command = (sys.executable, "-m", "voice", "doctor", "--config", str(switch.data_dir.parent / "strowger.toml"))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert f"the switch answers at {switch.address}, which callers are told: SIP/2.0 200" in output.decode()
