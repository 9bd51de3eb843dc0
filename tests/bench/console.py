"""What it costs that somebody looks at the console, and how late it shows what has happened."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

from tests.bench.load import NUMBERS, RAMP, Row, Stage, Step, callers, hold
from tests.bench.process import look
from tests.browser.chromium import chromium
from tests.browser.stage import Visitor
from tests.interop.switch import SID, TOKEN, RunningSwitch

ENDS = 20
"""Calls that are hung up one after the other, until each has left the page."""


def watch_calls(calls: int) -> Step:
    """Calls that talk and stay while the live page is open; the latencies are from the end of a call to its row's."""

    async def step(stage: Stage) -> Row:
        switch = stage.switch
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(chromium())
            page = await browser.new_page()
            visitor = Visitor(page, f"http://127.0.0.1:{switch.http_port}")
            await visitor.sign_in(switch.data_dir)
            await page.wait_for_selector("text=Nobody is calling.")
            before = look(switch.process.pid)
            await stack.enter_async_context(callers(stage, "talk_on", NUMBERS["menu"], calls, RAMP))
            row = await hold(switch, f"{calls} calls, menu, console open", calls, before)
            await visitor.until(f"document.querySelectorAll('tbody tr').length === {calls}")
            late = [await _end_one(switch, page) for _ in range(ENDS)]
        return row.timed(late)

    return step


async def _end_one(switch: RunningSwitch, page: Any) -> float:
    """Milliseconds from a REST request that ends a call to the page without it."""
    sid = str(await page.evaluate("document.querySelector('tbody a.sid').hash")).rpartition("/")[2]
    await asyncio.sleep(0.137)  # at no certain moment of the page's period
    began = time.monotonic()
    path = f"/2010-04-01/Accounts/{SID}/Calls/{sid}.json"
    await switch.client.post(path, data={"Status": "completed"}, auth=(SID, TOKEN))
    await page.wait_for_selector(f"tbody a[href='#/calls/{sid}']", state="detached")
    return 1000 * (time.monotonic() - began)
