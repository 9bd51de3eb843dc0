"""Measure the switch against its budgets, with SIPp as load: ``make bench``.

Prints one table and writes ``build/bench.json``. All figures are of one run on this machine, which also carries the generator
of the load and the webhook: compare versions in one sitting.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.latency import first_audio
from tests.bench.load import NUMBERS, Row, hold_calls, idle, set_up_rate
from tests.bench.process import machine
from tests.interop.switch import RunningSwitch, free_port, running_switch

LIMITS = "[limits]\nmax_calls = 600\ncalls_per_second = 1000\n"
CALLS = (100, 300, 500)
RATES = (25, 50, 100, 200)


@asynccontextmanager
async def bench_switch(folder: Path) -> AsyncIterator[RunningSwitch]:
    """A switch with one number for each kind of load, and their webhook in a process of its own."""
    port = free_port()
    webhook = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.customer", str(port))
    try:
        urls = {number: f"http://127.0.0.1:{port}/{path}" for path, number in NUMBERS.items()}
        async with running_switch(folder, urls, LIMITS) as switch:
            yield switch
    finally:
        webhook.terminate()
        await webhook.wait()


async def measure(step: Callable[[RunningSwitch, Path], Awaitable[Row]]) -> Row:
    """Run one step on a fresh switch."""
    with tempfile.TemporaryDirectory() as folder:
        async with bench_switch(Path(folder)) as switch:
            row = await step(switch, Path(folder))
    print(row, flush=True)
    return row


async def main() -> None:
    """All steps, one after the other."""
    print(f"{datetime.now(UTC):%Y-%m-%d}  {machine()}\n{Row.heading()}", flush=True)
    rows = [await measure(idle)]
    rows += [await measure(hold_calls("menu", calls)) for calls in CALLS]
    rows += [await measure(hold_calls("play", calls)) for calls in CALLS]
    rows += [await measure(set_up_rate(rate)) for rate in RATES]
    rows.append(await first_audio())
    print(rows[-1])
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    report = {"date": datetime.now(UTC).isoformat(), "machine": machine(), "rows": [row.as_dict() for row in rows]}
    target.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
