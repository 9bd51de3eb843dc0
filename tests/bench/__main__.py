"""Measure the switch against its budgets, with SIPp as load: ``make bench``.

Prints one table and writes ``build/bench.json``. All figures are of one run on this machine, which also carries the generator
of the load and the webhook: compare versions in one sitting.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.bridge import added_latency, added_latency_in_a_conference
from tests.bench.browsers import browser_rows
from tests.bench.console import watch_calls
from tests.bench.crypto import ratios
from tests.bench.latency import first_audio
from tests.bench.load import NUMBERS, Row, Stage, Step, hold_calls, hold_pairs, idle, set_up_rate
from tests.bench.mixer import mixer_rows
from tests.bench.process import machine
from tests.bench.registrar import SETTINGS, many_contacts
from tests.bench.relay import first_words, prompt_after_silence, silence_after_interruption
from tests.bench.rest import full_folder, list_pages, look_up, place
from tests.bench.streams import CALLS as STREAMS
from tests.bench.streams import LONG_SECONDS, SECONDS, echo_round_trip, growth_of_streams, hold_streams
from tests.interop.switch import running_switch
from tests.ports import RTP_PORTS, SWITCHES, free_port

LIMITS = "[limits]\nmax_calls = 600\ncalls_per_second = 1000\n"
PORTS = len(SWITCHES) * RTP_PORTS
"""Of audio: those of calls that ended rest, and a fast load of short calls needs others meanwhile."""
CALLS = (100, 300, 500)
WATCHED = 200
"""Calls without and with the console open."""
RATES = (25, 50, 100, 200)
STARTS = 5


@asynccontextmanager
async def bench_stage(folder: Path, more: str = "") -> AsyncIterator[Stage]:
    """A switch with one number for each kind of load, and their webhook in a process of its own."""
    port, callee_port, stream_port = free_port(), free_port(), free_port()
    command = (sys.executable, "-m", "tests.bench.customer", *map(str, (port, callee_port, stream_port)))
    webhook = await asyncio.create_subprocess_exec(*command)
    try:
        urls = {number: f"http://127.0.0.1:{port}/{path}" for path, number in NUMBERS.items()}
        async with running_switch(folder, urls, LIMITS + more, ports=PORTS) as switch:
            yield Stage(switch, folder, f"http://127.0.0.1:{port}", callee_port)
    finally:
        webhook.terminate()
        await webhook.wait()


async def start_up() -> Row:
    """How long ``strowger serve`` takes to be ready, its environment being warm."""
    milliseconds: list[float] = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            async with running_switch(Path(folder), {}):
                milliseconds.append(1000 * (time.monotonic() - began))
    return Row("start to ready").timed(milliseconds)


async def on_stage(
    step: Step, make: Callable[[], tempfile.TemporaryDirectory[str]] = tempfile.TemporaryDirectory, more: str = ""
) -> Row:
    """Run one step on a fresh switch, in a folder that is made for it, with ``more`` settings."""
    with make() as folder:
        async with bench_stage(Path(folder), more) as stage:
            return await step(stage)


async def measure(long: bool) -> AsyncIterator[Row]:
    """All steps, one after the other."""
    yield await start_up()
    steps = [
        idle,
        *(hold_calls(kind, calls) for kind in ("menu", "play") for calls in CALLS),
        hold_calls("menu", WATCHED),
        watch_calls(WATCHED),
        hold_calls("record", 200),
        hold_calls("conference", 250),
        hold_calls("rooms-of-10", 250),
        hold_calls("stream", 100),
        hold_streams(STREAMS),
        growth_of_streams(STREAMS, LONG_SECONDS if long else SECONDS),
        hold_pairs(250),
    ]
    for step in [*steps, *map(set_up_rate, RATES)]:
        yield await on_stage(step)
    yield await on_stage(many_contacts, more=SETTINGS)
    for step in (look_up, list_pages):
        yield await on_stage(step, full_folder)
    yield await on_stage(place)
    async for row in browser_rows(on_stage):
        yield row
    yield await first_audio()
    yield await echo_round_trip()
    yield await first_words()
    yield await prompt_after_silence()
    yield await silence_after_interruption()
    yield await added_latency()
    yield await added_latency_in_a_conference()
    async for row in ratios():
        yield row
    for row in mixer_rows():
        yield row


async def main(long: bool) -> None:
    """Print the table and write the report."""
    print(f"{datetime.now(UTC):%Y-%m-%d}  {machine()}\n{Row.heading()}", flush=True)
    rows = []
    async for row in measure(long):
        rows.append(row)
        print(row, flush=True)
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    report = {"date": datetime.now(UTC).isoformat(), "machine": machine(), "rows": [row.as_dict() for row in rows]}
    target.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    reader = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    reader.add_argument("--long", action="store_true", help="watch the memory of streams for ten minutes")
    asyncio.run(main(reader.parse_args().long))
