"""What the call of a browser costs beside one of a telephone, and how late browsers hear each other."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.bench.load import Row, Stage, Step, hold, hold_calls, idle
from tests.bench.page import Page
from tests.bench.process import look
from tests.interop.switch import SID, TOKEN, RunningSwitch

CALLS = 30
SOUNDS = 60
EVERY = 12
"""Frames from one loud frame to the next."""
CLIENT = "listener"
_SILENCE, _LOUD = b"\xff" * 160, b"\x80" * 160


async def browser_rows(on_stage: Callable[[Step], Awaitable[Row]]) -> AsyncIterator[Row]:
    """Telephones and browsers, each on a fresh switch, then two browsers that talk."""
    calm = (await on_stage(idle)).cpu or 0
    phones = await on_stage(hold_calls("menu", CALLS))
    phone = ((phones.cpu or 0) - calm) / CALLS
    yield replace(phones, cpu_per_call=phone)
    for codec in ("PCMU", "opus"):
        row = await on_stage(hold_pages(codec, CALLS))
        page = ((row.cpu or 0) - calm) / CALLS
        yield replace(row, cpu_per_call=page, ratio=page / phone)
    yield await on_stage(added_latency_of_pages)


def hold_pages(codec: str, calls: int) -> Step:
    """Browsers that talk and stay, in a process of their own; the latencies are the times between two packets that they get."""

    async def step(stage: Stage) -> Row:
        switch = stage.switch
        tokens = await _tokens(stage, "menu", *(f"page{number}" for number in range(calls)))
        await asyncio.sleep(1)
        before = look(switch.process.pid)
        command = (sys.executable, "-m", "tests.bench.pages", _signal(switch), codec, *tokens)
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        try:
            assert process.stdout is not None
            assert await asyncio.wait_for(process.stdout.readline(), 60) == b"up\n"
            row = await hold(switch, f"{calls} browsers, {codec}", calls, before)
            told, _ = await process.communicate(b"")
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        p50, p95, _ = json.loads(told)
        return replace(row, latency_p50=p50, latency_p95=p95)

    return step


async def added_latency_of_pages(stage: Stage) -> Row:
    """From the packet that leaves one browser to the one that reaches the other."""
    speaks, hears = await _tokens(stage, "client", "speaker", CLIENT)
    url = _signal(stage.switch)
    async with Page(url, hears) as listener, Page(url, speaks) as speaker:
        await listener.register()
        await speaker.call()
        for page in (speaker, listener):
            await asyncio.wait_for(page.up.wait(), 20)
        delays = await _conversation(speaker, listener)
    return Row("added latency of two browsers").timed(delays)


async def _conversation(speaker: Page, listener: Page) -> list[float]:
    """Milliseconds from say to hear of every loud frame but the first ten."""
    delays: list[float] = []
    began: list[float] = []

    def stop(payload: bytes) -> None:
        if began and abs(int(payload[80]) - _LOUD[0]) < 16:
            delays.append(1000 * (time.monotonic() - began.pop()))

    listener.on_packet = lambda packet: stop(packet.payload)
    due = time.monotonic()
    for number in range((10 + SOUNDS) * EVERY):
        if number % EVERY == 0:
            began[:] = [time.monotonic()]
        speaker.speak(_SILENCE if number % EVERY else _LOUD)
        listener.speak(_SILENCE)
        due += 0.02
        await asyncio.sleep(due - time.monotonic())
    return delays[10:]


def _signal(switch: RunningSwitch) -> str:
    return f"ws://127.0.0.1:{switch.http_port}/signal"


async def _tokens(stage: Stage, path: str, *identities: str) -> list[str]:
    """Access tokens for an application at a path of the webhook."""
    account, client = f"/2010-04-01/Accounts/{SID}", stage.switch.client
    key = (await client.post(f"{account}/Keys.json", auth=(SID, TOKEN))).json()
    form = {"FriendlyName": path, "VoiceUrl": f"{stage.webhook}/{path}"}
    application = (await client.post(f"{account}/Applications.json", data=form, auth=(SID, TOKEN))).json()
    grant = VoiceGrant(incoming_allow=True, outgoing_application_sid=application["sid"])
    return [
        str(AccessToken(SID, key["sid"], key["secret"], grants=[grant], identity=identity).to_jwt()) for identity in identities
    ]
