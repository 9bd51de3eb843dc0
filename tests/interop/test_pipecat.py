"""Real calls to an application that is not ours: pipecat's reader and writer of Twilio's streams, in an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop.switch import RunningSwitch
from tests.sip.far import PhoneProcess, hears
from tests.webhook import Webhook

NUMBER = "+15550100"
PYTHON = Path(__file__).parents[2] / ".venv/pipecat/bin/python"
SERVER = Path(__file__).with_name("pipecat_server.py")


class Application:
    """What the server says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def next(self) -> dict[str, Any]:
        """The next thing of note."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        read: dict[str, Any] = json.loads(line)
        return read


@contextlib.asynccontextmanager
async def running_pipecat() -> AsyncIterator[Application]:
    process = await asyncio.create_subprocess_exec(str(PYTHON), str(SERVER), stdout=asyncio.subprocess.PIPE)
    try:
        yield Application(process)
    finally:
        process.kill()
        await process.wait()


async def test_a_caller_talks_with_pipecat(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    """It knows who calls, hears the caller, is heard, gets keys, and its interruption silences what it has said in advance."""
    async with running_pipecat() as application:
        port = (await application.next())["port"]
        webhook.answers["/voice"] = (
            f"<Connect><Stream url='ws://127.0.0.1:{port}/'><Parameter name='tenant' value='t42'/></Stream></Connect>"
        )
        alice = phone.dial(NUMBER)
        alice.say(500)
        begun = await application.next()
        assert begun["transport"] == "twilio"
        assert begun["call"] == webhook.visited("/voice")[0].form["CallSid"]
        assert begun["stream"].startswith("MZ")
        assert begun["body"] == {"tenant": "t42"}
        heard = await application.next()
        assert heard["heard"] == pytest.approx(500, abs=25)
        await hears(alice, 900)
        alice.press("5")
        assert await application.next() == {"key": "5"}
        await hears(alice, 0)
        alice.hang_up()
        assert (await application.next())["over"] == 1000
