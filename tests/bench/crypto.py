"""What codecs and encryption cost the switch for each call, as ratios to plain PCMU in the same run.

Alone: ``python -m tests.bench.crypto``.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import trustme

from tests.bench.load import Row
from tests.bench.process import look
from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.webhook import running_webhook

CALLS = 50
SETTLE_SECONDS = 2.0
MEASURE_SECONDS = 8.0
SET_UPS, RATE = 150, 15
ECHO, HANG_UP = "+15550101", "+15550102"


@dataclass(frozen=True, slots=True)
class Way:
    """How calls are made."""

    name: str
    codec: str = "PCMU"
    srtp: str = "off"
    tls: bool = False


PLAIN = Way("PCMU")
HELD = (Way("PCMU, SRTP", srtp="required"), Way("G.722", "G722"), Way("Opus", "opus"), Way("Opus, SRTP", "opus", "required"))
SET_UP = (Way("PCMU, TLS", tls=True), Way("PCMU, TLS and SRTP", tls=True, srtp="required"))


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it is measured."""

    switch: RunningSwitch
    tls_port: int
    certificate: Path

    def uri(self, way: Way, number: str) -> str:
        port, more = (self.tls_port, ";transport=tls") if way.tls else (self.switch.sip_port, "")
        return f"sip:{number}@127.0.0.1:{port}{more}"

    async def held(self, way: Way) -> float:
        """Percent of a core that a call costs which is up and echoes."""
        async with self._telephones(way) as told:
            idle = await self._load()
            await told(f"hold {CALLS} {self.uri(way, ECHO)}")
            await asyncio.sleep(SETTLE_SECONDS)
            busy = await self._load()
            await told("end")
        return (busy - idle) / CALLS

    async def set_up(self, way: Way) -> float:
        """Milliseconds of a core that it costs to set a call up and take it down."""
        async with self._telephones(way) as told:
            idle = await self._load()
            before = look(self.switch.process.pid)
            await told(f"turnover {SET_UPS} {RATE} {self.uri(way, HANG_UP)}")
            after = look(self.switch.process.pid)
        spent = after.cpu_seconds - before.cpu_seconds - idle / 100 * (after.at - before.at)
        return 1000 * spent / SET_UPS

    async def _load(self) -> float:
        before = look(self.switch.process.pid)
        await asyncio.sleep(MEASURE_SECONDS)
        return look(self.switch.process.pid).load_since(before)

    @contextlib.asynccontextmanager
    async def _telephones(self, way: Way) -> AsyncIterator[Teller]:
        command = (sys.executable, "-m", "tests.bench.telephones", way.codec, way.srtp, str(self.certificate))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        try:
            yield Teller(process)
            await asyncio.wait_for(process.communicate(b"\n"), 20)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


class Teller:
    """Tells telephones what to do, and waits until it is done."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{line}\n".encode())
        if not await asyncio.wait_for(self._process.stdout.readline(), 90):
            raise RuntimeError(f"the telephones could not {line}")


async def ratios() -> AsyncIterator[Row]:
    """A row for each way; plain calls are measured before and after the others."""
    async with _stage() as stage:
        first, held = await stage.held(PLAIN), [(way, await stage.held(way)) for way in HELD]
        for row in _rows("a call", mean((first, await stage.held(PLAIN))), held):
            yield row
        first, held = await stage.set_up(PLAIN), [(way, await stage.set_up(way)) for way in SET_UP]
        for row in _rows("a set-up", mean((first, await stage.set_up(PLAIN))), held):
            yield row


def _rows(what: str, plain: float, others: list[tuple[Way, float]]) -> Iterator[Row]:
    yield Row(f"{what}, {PLAIN.name}", cpu_per_call=plain, ratio=1.0)
    for way, cost in others:
        yield Row(f"{what}, {way.name}", cpu_per_call=cost, ratio=cost / plain)


@contextlib.asynccontextmanager
async def _stage() -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        certificate = folder / "both.pem"
        trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
        async with running_webhook() as webhook:
            webhook.answers |= {"/echo": "<Echo/>", "/hang-up": "<Gather timeout='9'/>"}
            urls = {ECHO: webhook.url("/echo"), HANG_UP: webhook.url("/hang-up")}
            sip = f'tls_port = {port}\ntls_certificate = "{certificate}"'
            async with running_switch(folder, urls, sip=sip) as switch:
                yield Stage(switch, port, certificate)


async def main() -> None:
    """Print the rows."""
    print(Row.heading())
    async for row in ratios():
        print(row, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
