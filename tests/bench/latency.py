"""How long a caller waits for sound once the webhook has answered."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from starlette.responses import Response

from tests.bench.customer import tune
from tests.bench.load import Row
from tests.interop.switch import running_switch
from tests.telephone import Caller
from tests.webhook import Form, Webhook, running_webhook

CALLS = 40
NUMBER = "+15550104"
SOUNDS = {"Play": "<Play>/tune.wav</Play>", "Say": "<Say>Good evening, this is a sentence.</Say>"}


async def first_audio() -> Row:
    """From the second document's answer to the first packet that is not silent; files and speech are cached by then."""
    delays: list[float] = []
    async with running_webhook() as webhook:
        webhook.answers["/tune.wav"] = Response(tune(), media_type="audio/wav", headers={"Cache-Control": "max-age=3600"})
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                for name, number in itertools.product(SOUNDS, range(CALLS + 1)):
                    delay = await _one_call(webhook, SOUNDS[name], switch.sip_port, len(delays) + number)
                    if number:  # the first fills the cache
                        delays.append(1000 * delay)
    return Row("answer of webhook to first audio").timed(delays)


async def _one_call(webhook: Webhook, sound: str, port: int, name: int) -> float:
    answered_at = 0.0

    def answer(form: Form) -> str:
        nonlocal answered_at
        answered_at = time.monotonic()
        return sound

    webhook.answers["/voice"] = "<Gather timeout='1' actionOnEmptyResult='true' action='/next'/>"
    webhook.answers["/next"] = answer
    caller = Caller(NUMBER, port, name)
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    report: Callable[[float], None] = heard.set_result
    caller.on_sound = report
    await caller.call()
    moment = await asyncio.wait_for(heard, 10)
    caller.hang_up()
    return moment - answered_at
