"""How quickly a conversation over ConversationRelay speaks: from the first token to the first packet that is heard."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from websockets.asyncio.server import ServerConnection, serve

from tests.bench.load import Row
from tests.interop.switch import running_switch
from tests.telephone import Caller
from tests.webhook import running_webhook

CALLS = 40
NUMBER = "+15550105"


class Application:
    """Says one sentence, in tokens, when it is told to."""

    def __init__(self) -> None:
        self.ready: asyncio.Queue[ServerConnection] = asyncio.Queue()

    async def talk(self, connection: ServerConnection) -> None:
        """Wait for the setup, and until the call is over."""
        await connection.recv()
        await self.ready.put(connection)
        await connection.wait_closed()


async def first_words() -> Row:
    """Each sentence is another, so that nothing was made before."""
    delays: list[float] = []
    application = Application()
    async with running_webhook() as webhook, serve(application.talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        relay = f"<Connect><ConversationRelay url='ws://127.0.0.1:{port}/'/></Connect>"
        webhook.answers["/voice"] = relay
        with tempfile.TemporaryDirectory() as folder:
            async with running_switch(Path(folder), {NUMBER: webhook.url("/voice")}) as switch:
                for number in range(CALLS + 1):
                    delay = await _one_call(application, switch.sip_port, number)
                    if number:
                        delays.append(1000 * delay)
    p50, p95 = np.percentile(delays, [50, 95])
    return Row("ConversationRelay: first token to first audio", latency_p50=float(p50), latency_p95=float(p95))


async def _one_call(application: Application, port: int, number: int) -> float:
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
