"""How quickly a conversation over ConversationRelay speaks, understands and falls silent."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from media.frame import Samples
from tests.bench.load import Row
from tests.interop.switch import running_switch
from tests.media.recognition.answers import SENTENCES, WORDS, Answer, answers, loud_frames
from tests.telephone import Caller
from tests.webhook import running_webhook

CALLS = 40
NUMBER = "+15550105"
ESPEAKERS = ("espeak en-us", "espeak en-gb-x-rp")
LONG = "We are open every day of the week from nine in the morning until six in the evening, and on holidays until noon. " * 3


class Application:
    """Says one sentence, in tokens, when it is told to."""

    def __init__(self) -> None:
        self.ready: asyncio.Queue[ServerConnection] = asyncio.Queue()

    async def talk(self, connection: ServerConnection) -> None:
        """Wait for the setup, and until the call is over."""
        await connection.recv()
        await self.ready.put(connection)
        await connection.wait_closed()

    async def until(self, connection: ServerConnection, kind: str) -> float:
        """The time of the next message of a kind."""
        async with asyncio.timeout(10):
            while json.loads(await connection.recv())["type"] != kind:
                pass
        return time.monotonic()


@asynccontextmanager
async def conversations(attributes: str = "") -> AsyncIterator[tuple[Application, int]]:
    """An application, and the SIP port of a switch whose callers talk with it."""
    application = Application()
    async with running_webhook() as webhook, serve(application.talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        webhook.answers["/voice"] = f"<Connect><ConversationRelay url='ws://127.0.0.1:{port}/' {attributes}/></Connect>"
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                yield application, switch.sip_port


async def first_words() -> Row:
    """From the first token to the first packet. Each sentence is another, so that nothing was made before."""
    delays: list[float] = []
    async with conversations() as (application, port):
        for number in range(CALLS + 1):
            delay = await _first_words(application, port, number)
            if number:
                delays.append(1000 * delay)
    return Row("ConversationRelay: first token to first audio").timed(delays)


async def prompt_after_silence() -> Row:
    """From the last packet of a caller's word, hinted at, to the message that says what it was."""
    delays: list[float] = []
    async with conversations(f"hints='{','.join(WORDS)}'") as (application, port):
        for number, answer in enumerate(answers(WORDS, (20,), ESPEAKERS)):
            caller, connection = await _caller(application, port, number)
            told = asyncio.create_task(application.until(connection, "prompt"))
            over = await _say(caller, answer.samples) - answer.samples.size / 8000 + _last_sound(answer)
            await _say(caller, _line(answer, 2.0))
            with contextlib.suppress(TimeoutError):  # now and then nothing is understood
                delays.append(1000 * (await told - over))
            caller.hang_up()
    return Row("ConversationRelay: silence to prompt").timed(delays)


async def silence_after_interruption() -> Row:
    """From where an interruption can be heard to the last packet of ours that is no silence; failed are those before it."""
    delays: list[float] = []
    early = 0
    async with conversations() as (application, port):
        for number, answer in enumerate(answers(SENTENCES, (None, 20, 10), ESPEAKERS[:1])):
            caller, connection = await _caller(application, port, number)
            await _say(caller, _line(answer, 2.5))  # what a line sounds like when nobody speaks
            await connection.send(json.dumps({"type": "text", "token": LONG, "last": True}))
            sounds: list[float] = []
            caller.on_packet = lambda moment, loud, sounds=sounds: sounds.append(moment) if loud else None  # type: ignore[misc]
            began = await _say(caller, answer.samples) - answer.samples.size / 8000 + _first_sound(answer)
            if sounds and sounds[-1] > began:
                delays.append(1000 * (sounds[-1] - began))
            else:
                early += 1
            caller.hang_up()
    return Row("ConversationRelay: interruption to silence", failed=early).timed(delays)


def _first_sound(answer: Answer) -> float:
    """Seconds to where a voice begins."""
    return float(loud_frames(answer)[0]) * 0.02


def _last_sound(answer: Answer) -> float:
    """Seconds to where it ends."""
    return float(loud_frames(answer)[-1] + 1) * 0.02


def _line(answer: Answer, seconds: float) -> Samples:
    """The noise of an answer's line."""
    return np.resize(answer.samples[:8000], round(8000 * seconds))


async def _caller(application: Application, port: int, number: int) -> tuple[Caller, ServerConnection]:
    caller = Caller(NUMBER, port, number)
    await caller.call()
    return caller, await asyncio.wait_for(application.ready.get(), 10)


async def _say(caller: Caller, samples: Samples) -> float:
    """Send packets in time; returns when the last one is over."""
    due = time.monotonic()
    for frame in samples[: samples.size // 160 * 160].reshape(-1, 160):
        caller.say(frame)
        due += 0.02
        await asyncio.sleep(due - time.monotonic())
    return due


async def _first_words(application: Application, port: int, number: int) -> float:
    caller = Caller(NUMBER, port, number)
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    caller.on_sound = heard.set_result
    await caller.call()
    connection = await asyncio.wait_for(application.ready.get(), 10)
    await asyncio.sleep(0.3)
    sent = time.monotonic()
    for token in ("Good ", "day, ", "caller ", f"{number}. ", "How ", "may ", "I ", "help?"):
        await connection.send(json.dumps({"type": "text", "token": token, "last": token.endswith("?")}))
    moment = await asyncio.wait_for(heard, 10)
    caller.hang_up()
    return moment - sent
