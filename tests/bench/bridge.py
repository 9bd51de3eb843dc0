"""How much later the second of two connected phones hears what the first says."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.bench.load import Row
from tests.interop.switch import running_switch
from tests.ports import free_port
from tests.telephone import Callee, Caller
from tests.webhook import running_webhook

SOUNDS = 60
EVERY = 12
"""Frames from one loud frame to the next."""
NUMBER = "+15550104"
_LOUD = np.full(160, 8000, np.int16)
_LOUD[::2] = -8000
_SILENCE = np.zeros(160, np.int16)


async def added_latency() -> Row:
    """From the packet that leaves the caller to the one that reaches the callee."""
    async with running_webhook() as webhook:
        port = free_port()
        webhook.answers["/voice"] = f"<Dial><Sip>sip:callee@127.0.0.1:{port}</Sip></Dial>"
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                caller, callee = Caller(NUMBER, switch.sip_port, 1), Callee()
                await callee.wait(port)
                await caller.call()
                delays = await time_sounds(caller, callee)
                caller.hang_up()
                await switch.wait_until_idle()
                callee.close()
    return Row("added latency of a bridged pair").timed(delays)


async def added_latency_in_a_conference() -> Row:
    """The same in a conference of two, whose sound goes through the mixer."""
    async with running_webhook() as webhook:
        webhook.answers["/voice"] = "<Dial><Conference beep='false' waitUrl=''>room</Conference></Dial>"
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                caller, other = (Caller(NUMBER, switch.sip_port, name) for name in (1, 2))
                await caller.call()
                await other.call()
                delays = await time_sounds(caller, other)
                caller.hang_up()
                other.hang_up()
                await switch.wait_until_idle()
    return Row("added latency in a conference").timed(delays)


async def time_sounds(speaker: Caller, listener: Caller | Callee) -> list[float]:
    """Milliseconds from say to hear of every loud frame but the first ten."""
    delays: list[float] = []
    due = time.monotonic()
    for number in range((10 + SOUNDS) * EVERY):
        if number % EVERY == 0:
            listener.on_sound = _stopwatch(delays)
        speaker.say(_SILENCE if number % EVERY else _LOUD)
        due += 0.02
        await asyncio.sleep(due - time.monotonic())
    return delays[10:]


def _stopwatch(delays: list[float]) -> Callable[[float], None]:
    began = time.monotonic()
    return lambda heard: delays.append(1000 * (heard - began))
