"""Sample applications, run as a customer would: with a switch by their one command, or alone beside whatever switch."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.interop.switch import SID, TOKEN
from tests.ports import RTP_PORTS, free_port, rtp_of
from voice.story.journal import JournalFiles

SECONDS = 25


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with its switch."""

    sip_port: int
    http_port: int
    webhook: str
    journals: JournalFiles
    welcome: str
    """What it has printed."""

    async def call(self, uri: str) -> str:
        """Let the switch call a telephone for the sample; the CallSid."""
        form = {"To": uri, "From": "+15550199", "Url": f"{self.webhook}/voice"}
        address = f"http://127.0.0.1:{self.http_port}/2010-04-01/Accounts/{SID}/Calls.json"
        async with httpx.AsyncClient(trust_env=False) as client:
            placed = await client.post(address, data=form, auth=(SID, TOKEN))
        assert placed.status_code == 201, placed.text
        return str(placed.json()["sid"])


@contextlib.asynccontextmanager
async def running(name: str, folder: Path) -> AsyncIterator[Sample]:
    """``python -m samples NAME`` once it has said how to call it, until the block ends."""
    sip_port, http_port, port = free_port(), free_port(), free_port()
    number = {"phone_number": "+15550100", "voice_url": f"http://127.0.0.1:{port}/voice"}
    low = rtp_of(sip_port)
    environment = {
        **os.environ,
        "SAMPLE_PORT": str(port),
        "STROWGER_NUMBER": json.dumps([number]),
        "STROWGER_SIP__PORT": str(sip_port),
        "STROWGER_SIP__RTP_PORTS": f"[{low}, {low + RTP_PORTS - 1}]",
        "STROWGER_HTTP__PORT": str(http_port),
        "STROWGER_DATA_DIR": str(folder / "data"),
        "STROWGER_ACCOUNT__SID": SID,
        "STROWGER_ACCOUNT__AUTH_TOKEN": TOKEN,
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "samples", name, stdout=pipe, env=environment)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            welcome = ""
            while "Stop" not in welcome:
                assert process.returncode is None
                welcome += (await process.stdout.readline()).decode()
        journals = JournalFiles(folder / "data" / "journals")
        yield Sample(sip_port, http_port, f"http://127.0.0.1:{port}", journals, welcome)
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.1)
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 20) == 0


@contextlib.asynccontextmanager
async def running_sample(name: str, log: Path) -> AsyncIterator[int]:
    """Its port, once it says in ``log`` that it listens."""
    port = free_port()
    command = (sys.executable, "-m", f"samples.{name}", str(port))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, env={**os.environ, "TWILIO_AUTH_TOKEN": TOKEN})
    try:
        async with asyncio.timeout(20):
            while "listens" not in log.read_text():
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


def number_of(port: int, phone_number: str) -> str:
    """The settings of a number that is answered by it."""
    return f'[[number]]\nphone_number = "{phone_number}"\nvoice_url = "http://127.0.0.1:{port}/voice"\nvoice_method = "GET"'
