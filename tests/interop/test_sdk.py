"""The official SDKs, unmodified apart from the host of the API, drive a running switch with real telephones (section 4)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.interop.sdk.scenario import STEPS, Surroundings
from tests.interop.sipp import play
from tests.interop.switch import SID, TOKEN, running_switch
from tests.ports import free_port
from tests.webhook import Webhook

NODE = Path(__file__).parents[1] / "node"
MODULES = Path(sys.prefix) / "node" / "node_modules"
POOL = "".join(f'[[available_number]]\nphone_number = "+1415555019{n}"\n' for n in range(4))
CONNECTOR = '[[payment_connector]]\nurl = "https://payments.example.com/charge"\n'


@pytest.fixture
async def around(tmp_path: Path, webhook: Webhook) -> AsyncIterator[Surroundings]:
    """A switch with a pool of numbers, a trunk whose far end answers, a connector and a webhook."""
    webhook.answers = {
        "/menu": "<Hangup/>",
        "/long": "<Pause length='60'/>",
        "/tune": "<Pause length='1'/>",
        "/broken": "<Nonsense",
        "/status": "",
        "/recorded": "",
        "/written": "",
        "/paid": "",
    }
    port = free_port()
    trunk = f'[[trunk]]\nname = "carrier"\nuri = "sip:127.0.0.1:{port}"\n'
    answerer = asyncio.create_task(play("answer", tmp_path, port=port, calls=1000, seconds=300))
    numbers = {"+15550100": webhook.url("/menu")}
    async with running_switch(tmp_path, numbers, trunk + POOL + CONNECTOR) as switch, serve(listen, "127.0.0.1", 0) as ear:
        api, heard_at = f"http://127.0.0.1:{switch.http_port}", ear.sockets[0].getsockname()[1]
        hook, phone = webhook.url("").rstrip("/"), f"sip:bob@127.0.0.1:{port}"
        yield Surroundings(api, SID, TOKEN, phone, hook, f"ws://127.0.0.1:{heard_at}/audio")
    answerer.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await answerer


async def listen(stream: ServerConnection) -> None:
    """Take whatever comes, to its end."""
    async for _ in stream:
        pass


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
async def test_the_sdk_for_python(step: Callable[[Surroundings], None], around: Surroundings) -> None:
    await asyncio.to_thread(step, around)


async def test_the_sdk_for_node(around: Surroundings) -> None:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(NODE / "scenario.js"),
        *(around.api, around.sid, around.token, around.phone, around.hook, around.ear),
        env={**os.environ, "NODE_PATH": str(MODULES)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert output.decode().count("done") == len(STEPS)
