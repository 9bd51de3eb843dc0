"""A real switch in its own process, on ports of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.ports import RTP_PORTS, SWITCHES, free_port, rtp_of
from voice.story.journal import Entry, JournalFiles

SID = "AC" + "1" * 32
TOKEN = "the-token-of-the-tests"
CONFIGURATION, LOG = "strowger.toml", "switch.log"


@dataclass(slots=True)
class RunningSwitch:
    """What a test needs to know of a switch."""

    process: asyncio.subprocess.Process
    sip_port: int
    http_port: int
    data_dir: Path
    client: httpx.AsyncClient
    log: Path

    @property
    def address(self) -> str:
        """Where its SIP side listens."""
        return f"127.0.0.1:{self.sip_port}"

    def journal(self, call_sid: str) -> list[Entry]:
        """What has been written of a call's journal."""
        return JournalFiles(self.data_dir / "journals").read(call_sid)

    async def finished_journal(self, call_sid: str, seconds: float = 10) -> list[Entry]:
        """The journal of a call once its end has been written."""
        async with asyncio.timeout(seconds):
            while True:
                entries = self.journal(call_sid)
                if any(entry.kind == "ended" for entry in entries):
                    return entries
                await asyncio.sleep(0.1)

    async def metric(self, name: str) -> float:
        """One value of ``/metrics``."""
        text = (await self.client.get("/metrics")).text
        return next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name + " "))

    async def wait_until_idle(self, seconds: float = 15) -> None:
        """Wait until no call is live."""
        async with asyncio.timeout(seconds):
            while await self.metric("strowger_calls_live"):
                await asyncio.sleep(0.1)

    async def logged(self, text: str, lines: int = 1, seconds: float = 15) -> list[str]:
        """The lines of its log with a text, once so many are there."""
        async with asyncio.timeout(seconds):
            while True:
                written, _, _ = self.log.read_text().rpartition("\n")
                found = [line for line in written.splitlines() if text in line]
                if len(found) >= lines:
                    return found
                await asyncio.sleep(0.05)

    async def place(self, to: str, url: str, **fields: str) -> httpx.Response:
        """Place a call by REST."""
        form = {"To": to, "From": "+15550199", "Url": url, **fields}
        return await self.client.post(f"/2010-04-01/Accounts/{SID}/Calls.json", data=form, auth=(SID, TOKEN))

    async def restart(self) -> None:
        """Kill it, and start it again as it was."""
        self.process.kill()
        await self.process.wait()
        self.process = await _start(self.data_dir.parent)
        await _ready(self)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)


@contextlib.asynccontextmanager
async def running_switch(
    folder: Path, numbers: Mapping[str, str], more: str = "", *, sip: str = "", http: str = "", ports: int = RTP_PORTS
) -> AsyncIterator[RunningSwitch]:
    """A switch with the webhook URL of each of its ``numbers``, ``more`` TOML tables, and ``sip`` and ``http`` lines, in its configuration."""
    sip_port, http_port = free_port(), free_port()
    low = rtp_of(sip_port) if ports <= RTP_PORTS else SWITCHES[0]
    tables = [
        f'data_dir = "{folder / "data"}"',
        f'[account]\nsid = "{SID}"\nauth_token = "{TOKEN}"',
        f"[sip]\nport = {sip_port}\nrtp_ports = [{low}, {low + ports - 1}]\n{_quietly(sip)}",
        f"[http]\nport = {http_port}\n{http}",
        more,
    ]
    for number, url in numbers.items():
        status = url.rpartition("/")[0] + "/status"
        tables.append(f'[[number]]\nphone_number = "{number}"\nvoice_url = "{url}"\nstatus_callback = "{status}"')
    (folder / CONFIGURATION).write_text("\n".join(tables))
    process = await _start(folder)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{http_port}", trust_env=False, timeout=10) as client:
        switch = RunningSwitch(process, sip_port, http_port, folder / "data", client, folder / LOG)
        try:
            await _ready(switch)
            yield switch
        finally:
            await _stop(switch.process)


async def _start(folder: Path) -> asyncio.subprocess.Process:
    with (folder / LOG).open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voice", "serve", "--config", str(folder / CONFIGURATION)),
            stdout=output,
            stderr=output,
            env=environment(),
        )


def _quietly(sip: str) -> str:
    """Without the call to itself at its start, unless it is asked for."""
    return sip if "check_at_start" in sip else f"check_at_start = false\n{sip}"


def environment() -> dict[str, str]:
    """Ours, without settings of the switch."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STROWGER_")}


async def _ready(switch: RunningSwitch) -> None:
    async with asyncio.timeout(20):
        while True:
            if switch.process.returncode is not None:
                raise RuntimeError(f"the switch ended at once: {switch.log.read_text()}")
            with contextlib.suppress(httpx.TransportError):
                if (await switch.client.get("/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.05)
    try:
        async with asyncio.timeout(15):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise


def events(entries: list[Entry], kind: str) -> list[dict[str, object]]:
    """The data of a journal's entries of one kind."""
    return [json.loads(json.dumps(entry.data)) for entry in entries if entry.kind == kind]
