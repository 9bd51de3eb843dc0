"""Many calls that talk with an application over a WebSocket each: what they cost, how evenly they speak, and how late."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import httpx
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.bench.bridge import time_sounds
from tests.bench.load import NUMBERS, RAMP, SETTLE_SECONDS, Row, Stage, Step, callers, hold
from tests.bench.process import look
from tests.interop.switch import running_switch
from tests.telephone import Caller
from tests.webhook import running_webhook

CALLS = 200
SECONDS, LONG_SECONDS = 20, 600
"""Over which memory is watched."""
NUMBER = "+15550110"


def hold_streams(calls: int) -> Step:
    """Every caller speaks and hears all of it again; the last columns say how far off 20 ms the messages of each call come."""

    async def step(stage: Stage) -> Row:
        before = look(stage.switch.process.pid)
        async with callers(stage, "talk_on", NUMBERS["echo-stream"], calls, RAMP), asyncio.TaskGroup() as tasks:
            tasks.create_task(_forget_the_beginning(stage, calls))
            row = await hold(stage.switch, f"{calls} streams both ways, off 20 ms", calls, before)
            off = await _off(stage)
            return replace(row, latency_p50=off["p50"], latency_p95=off["p95"])

    return step


def growth_of_streams(calls: int, seconds: int) -> Step:
    """How many megabytes more there are after a while, and late ticks meanwhile."""

    async def step(stage: Stage) -> Row:
        switch = stage.switch
        async with callers(stage, "talk_on", NUMBERS["echo-stream"], calls, RAMP, seconds + 60):
            await asyncio.sleep(calls / RAMP + 2 * SETTLE_SECONDS)
            late, before = await switch.metric("strowger_ticks_late_total"), look(switch.process.pid)
            await asyncio.sleep(seconds)
            after = look(switch.process.pid)
            return Row(
                f"{calls} streams, growth in {seconds} s",
                cpu=after.load_since(before),
                late=int(await switch.metric("strowger_ticks_late_total") - late),
                memory=after.resident_megabytes - before.resident_megabytes,
                failed=calls - int(await switch.metric("strowger_calls_live")),
            )

    return step


async def _forget_the_beginning(stage: Stage, calls: int) -> None:
    await asyncio.sleep(calls / RAMP + SETTLE_SECONDS)
    await _off(stage)


async def _off(stage: Stage) -> dict[str, float]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer: dict[str, float] = (await client.get(f"{stage.webhook}/gaps")).json()
        return answer


async def echo(connection: ServerConnection) -> None:
    """Say what is heard."""
    with contextlib.suppress(ConnectionClosed):
        async for text in connection:
            message = json.loads(text)
            if message["event"] == "media":
                payload = {"payload": message["media"]["payload"]}
                await connection.send(json.dumps({"event": "media", "streamSid": message["streamSid"], "media": payload}))


async def echo_round_trip() -> Row:
    """From the packet of the caller to the one that brings it back; the application takes less than a millisecond of it."""
    async with running_webhook() as webhook, serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        webhook.answers["/voice"] = f"<Connect><Stream url='ws://127.0.0.1:{port}/'/></Connect>"
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                caller = Caller(NUMBER, switch.sip_port, 1)
                await caller.call()
                delays = await time_sounds(caller, caller)
                caller.hang_up()
    return Row("stream echo, there and back").timed(delays)
