"""The REST API over a full store and under load."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from tests.bench.load import NUMBERS, RAMP, Row, Stage, callees, callers, until_up
from tests.bench.process import look
from tests.interop.switch import SID, TOKEN
from voice.store.engine import database_url, make_engine
from voice.store.migration import migrate
from voice.store.tables.calls import CALLS

STORED = 100_000
LIVE = 200
ASKED = 200
RATE = 50
SECONDS = 20
_API = f"/2010-04-01/Accounts/{SID}"
_LOGIN = (SID, TOKEN)


def fill(data_dir: Path) -> None:
    """Store calls that have ended."""
    engine = make_engine(database_url("", data_dir))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(insert(CALLS), list(_ended()))
    engine.dispose()


def _ended() -> Iterator[dict[str, Any]]:
    begun = datetime.now(UTC) - timedelta(days=30)
    for number in range(STORED):
        moment = begun + timedelta(seconds=number)
        yield {
            "sid": f"CA{number:032x}",
            "account_sid": SID,
            "date_created": moment,
            "date_updated": moment,
            "start_time": moment,
            "end_time": moment,
            "to": "+15550100",
            "from": f"+1555{number:07}",
            "direction": "inbound",
            "status": "completed",
            "duration": 0,
        }


async def look_up(stage: Stage) -> Row:
    """One of many calls, while others are up; the tick has to stay on time."""
    return await _asked(stage, "GET of a call, 100,000 stored", lambda number: f"{_API}/Calls/CA{number * 499:032x}.json")


async def list_pages(stage: Stage) -> Row:
    """Fifty of many calls, while others are up."""
    return await _asked(stage, "GET of 50 calls, 100,000 stored", lambda number: f"{_API}/Calls.json")


async def _asked(stage: Stage, what: str, path: Callable[[int], str]) -> Row:
    switch = stage.switch
    async with callers(stage, "talk_on", NUMBERS["menu"], LIVE, RAMP):
        await until_up(switch, LIVE)
        late = await switch.metric("strowger_ticks_late_total")
        milliseconds = [await _timed(switch.client.get(path(number), auth=_LOGIN)) for number in range(ASKED)]
        late = await switch.metric("strowger_ticks_late_total") - late
    return Row(f"{what}, {LIVE} up", late=int(late)).timed(milliseconds)


async def place(stage: Stage) -> Row:
    """Calls that are placed by REST, answered, given a document and ended."""
    switch, form = stage.switch, {"To": f"sip:bob@127.0.0.1:{stage.callee_port}", "From": "+15550199"}
    form["Twiml"] = "<Response><Hangup/></Response>"
    async with callees(stage, 10_000):
        await asyncio.sleep(1)
        before, began = look(switch.process.pid), time.monotonic()
        posts = []
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
            post = switch.client.post(f"{_API}/Calls.json", data=form, auth=_LOGIN)
            posts.append(asyncio.create_task(_timed(post)))
        milliseconds = await asyncio.gather(*posts)
        after = look(switch.process.pid)
        async with asyncio.timeout(30):
            while await switch.metric("strowger_calls_live") or await switch.metric("strowger_calls_queued"):
                await asyncio.sleep(0.2)
        completed = await _count(switch.client, "completed")
    return Row(
        f"POST of {RATE} calls/s for {SECONDS} s",
        cpu=after.load_since(before),
        late=int(await switch.metric("strowger_ticks_late_total")),
        failed=RATE * SECONDS - completed,
    ).timed(milliseconds)


async def _timed(ask: Awaitable[httpx.Response]) -> float:
    began = time.monotonic()
    answer = await ask
    answer.raise_for_status()
    return 1000 * (time.monotonic() - began)


async def _count(client: httpx.AsyncClient, status: str) -> int:
    path: str | None = f"{_API}/Calls.json?Status={status}&PageSize=1000"
    count = 0
    while path:
        page = (await client.get(path, auth=_LOGIN)).json()
        count += len(page["calls"])
        path = page["next_page_uri"]
    return count


def full_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for a switch whose store is full."""
    folder = tempfile.TemporaryDirectory()
    (Path(folder.name) / "data").mkdir()
    fill(Path(folder.name) / "data")
    return folder
