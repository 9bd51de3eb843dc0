"""Load of SIPp on one switch, and what it costs the switch."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tests.bench.process import Usage, look
from tests.bench.speech import write_speech
from tests.interop.sipp import SCENARIOS
from tests.interop.switch import RunningSwitch
from tests.ports import free_port

NUMBERS = {
    "menu": "+15550101",
    "play": "+15550102",
    "hang-up": "+15550103",
    "pair": "+15550104",
    "record": "+15550105",
    "conference": "+15550106",
    "rooms-of-10": "+15550107",
    "stream": "+15550108",
    "echo-stream": "+15550109",
}
RAMP = 25
"""Calls per second until all are up."""
SETTLE_SECONDS = 3.0
MEASURE_SECONDS = 12.0
RATE_SECONDS = 15
TALK_SECONDS = 64


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a step is measured."""

    switch: RunningSwitch
    folder: Path
    webhook: str
    """Its URL, up to a path of NUMBERS."""
    callee_port: int
    """Where the number of the pairs dials to."""


Step = Callable[[Stage], Awaitable["Row"]]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; what was not measured is None."""

    what: str
    cpu: float | None = None
    """Percent of one core."""
    tick_p50: float | None = None
    tick_p99: float | None = None
    """Milliseconds."""
    late: int | None = None
    memory: float | None = None
    """Megabytes resident."""
    memory_per_call: float | None = None
    failed: int | None = None
    latency_p50: float | None = None
    latency_p95: float | None = None
    """Milliseconds."""
    cpu_per_call: float | None = None
    """Percent of one core for a call that is up; milliseconds of one for a set-up."""
    ratio: float | None = None
    """The processor's time for a call beside that for one of a telephone, in plain PCMU, in the same run."""

    def timed(self, milliseconds: Sequence[float]) -> Row:
        """The same, with how long something took each time."""
        p50, p95 = np.percentile(milliseconds, [50, 95])
        return replace(self, latency_p50=float(p50), latency_p95=float(p95))

    @staticmethod
    def heading() -> str:
        """The table's head."""
        names = (
            ("CPU %", 7),
            ("tick p50", 10),
            ("p99 ms", 8),
            ("late", 6),
            ("MB", 7),
            ("MB/call", 9),
            ("failed", 8),
            ("p50", 7),
            ("p95 ms", 8),
            ("CPU/call", 10),
            ("ratio", 7),
        )
        return f"{'what':<34}" + "".join(f"{name:>{width}}" for name, width in names)

    def __str__(self) -> str:
        cells = [
            _cell(self.cpu, 7, 0),
            _cell(self.tick_p50, 10, 2),
            _cell(self.tick_p99, 8, 2),
            _cell(self.late, 6, 0),
            _cell(self.memory, 7, 0),
            _cell(self.memory_per_call, 9, 2),
            _cell(self.failed, 8, 0),
            _cell(self.latency_p50, 7, 1),
            _cell(self.latency_p95, 8, 1),
            _cell(self.cpu_per_call, 10, 2),
            _cell(self.ratio, 7, 2),
        ]
        return f"{self.what:<34}" + "".join(cells)

    def as_dict(self) -> dict[str, object]:
        """For the JSON report."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def _cell(value: float | None, width: int, digits: int) -> str:
    return f"{'' if value is None else f'{value:.{digits}f}':>{width}}"


async def idle(stage: Stage) -> Row:
    """A switch that nobody calls."""
    await asyncio.sleep(SETTLE_SECONDS)
    before = look(stage.switch.process.pid)
    await asyncio.sleep(MEASURE_SECONDS / 2)
    after = look(stage.switch.process.pid)
    return Row("idle", cpu=after.load_since(before), memory=after.resident_megabytes)


def hold_calls(kind: str, calls: int) -> Step:
    """Bring up ``calls`` that talk and stay, and measure while all are up."""

    async def step(stage: Stage) -> Row:
        await asyncio.sleep(1)
        before_calls = look(stage.switch.process.pid)
        async with callers(stage, "talk_on", NUMBERS[kind], calls, RAMP):
            return await hold(stage.switch, f"{calls} calls, {kind}", calls, before_calls)

    return step


def hold_pairs(pairs: int) -> Step:
    """Bring up ``pairs`` of phones that talk to each other, and measure while all are up."""

    async def step(stage: Stage) -> Row:
        await asyncio.sleep(1)
        before_calls = look(stage.switch.process.pid)
        async with callees(stage, pairs), callers(stage, "talk_on", NUMBERS["pair"], pairs, RAMP):
            return await hold(stage.switch, f"{pairs} bridged pairs", 2 * pairs, before_calls)

    return step


async def until_up(switch: RunningSwitch, legs: int) -> None:
    """Wait until that many legs are up."""
    async with asyncio.timeout(legs / RAMP + 20):
        while await switch.metric("strowger_calls_live") < legs:
            await asyncio.sleep(0.2)


async def hold(switch: RunningSwitch, what: str, legs: int, before_calls: Usage) -> Row:
    """Wait until that many legs are up, and measure."""
    await until_up(switch, legs)
    await asyncio.sleep(SETTLE_SECONDS)
    late = await switch.metric("strowger_ticks_late_total")
    before = look(switch.process.pid)
    await asyncio.sleep(MEASURE_SECONDS)
    after = look(switch.process.pid)
    return Row(
        what,
        cpu=after.load_since(before),
        tick_p50=1000 * await switch.metric("strowger_tick_p50_seconds"),
        tick_p99=1000 * await switch.metric("strowger_tick_p99_seconds"),
        late=int(await switch.metric("strowger_ticks_late_total") - late),
        memory=after.resident_megabytes,
        memory_per_call=(after.resident_megabytes - before_calls.resident_megabytes) / legs,
        failed=legs - int(await switch.metric("strowger_calls_live")),
    )


def set_up_rate(rate: int) -> Step:
    """Calls that are answered, get a document that hangs up, and end: ``rate`` new ones a second."""

    async def step(stage: Stage) -> Row:
        switch, calls = stage.switch, rate * RATE_SECONDS
        await asyncio.sleep(1)
        async with callers(stage, "listen", NUMBERS["hang-up"], calls, rate) as sipp:
            await asyncio.sleep(2)
            before = look(switch.process.pid)
            await asyncio.sleep(RATE_SECONDS - 4)
            after = look(switch.process.pid)
            output, _ = await sipp.communicate()
        failed = re.findall(rb"Failed call\s*\|\s*\d+\s*\|\s*(\d+)", output)
        return Row(
            f"{rate} calls/s through webhook, TwiML",
            cpu=after.load_since(before),
            tick_p99=1000 * await switch.metric("strowger_tick_p99_seconds"),
            late=int(await switch.metric("strowger_ticks_late_total")),
            memory=after.resident_megabytes,
            failed=int(failed[-1]) if failed else calls,
        )

    return step


def callers(
    stage: Stage, scenario: str, number: str, calls: int, rate: int, seconds: int = TALK_SECONDS
) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """SIPp calls a number of the switch; who talks, talks for some seconds."""
    options = ("-s", number, "-m", str(calls), "-l", str(calls + rate), "-r", str(rate), "-d", str(1000 * seconds))
    return _sipp(stage.folder, scenario, free_port(), stage.switch.address, *options)


def callees(stage: Stage, calls: int) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """SIPp is called."""
    return _sipp(stage.folder, "answer_talking", stage.callee_port, "-l", str(calls))


@asynccontextmanager
async def _sipp(folder: Path, scenario: str, port: int, *options: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """SIPp, until it is done or left."""
    write_speech(folder / "speech.al")
    command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-p", str(port), "-mp", str(free_port())]
    command += ["-nostdin", "-recv_timeout", "30000", *options]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
