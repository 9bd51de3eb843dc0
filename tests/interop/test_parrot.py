"""The parrot of the samples, run as a customer would, and a telephone that talks with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.interop.switch import TOKEN, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, hears

NUMBER = "+15550101"


@contextlib.asynccontextmanager
async def parrot(log: Path) -> AsyncIterator[int]:
    """The sample; yields its port."""
    port = free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "samples.parrot", str(port), stdout=output, env={**os.environ, "TWILIO_AUTH_TOKEN": TOKEN}
        )
    try:
        async with asyncio.timeout(20):
            while "listens" not in log.read_text():
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def test_a_caller_is_repeated_until_a_key(tmp_path: Path) -> None:
    log = tmp_path / "parrot.log"
    async with parrot(log) as port:
        number = f'[[number]]\nphone_number = "{NUMBER}"\nvoice_url = "http://127.0.0.1:{port}/voice"\nvoice_method = "GET"'
        async with running_switch(tmp_path, {}, number) as switch:
            phone = PhoneProcess(switch.address, free_port(), lambda user: "")
            await phone.start()
            try:
                alice = phone.dial(NUMBER)
                alice.say(500)
                await hears(alice, 500)
                alice.say(0)
                alice.press("1")
                async with asyncio.timeout(10):
                    while ": mark" not in log.read_text():
                        await asyncio.sleep(0.1)
                alice.press("#")
                await alice.ended()
                await switch.wait_until_idle()
            finally:
                await phone.stop()


async def test_who_is_not_the_switch_is_refused(tmp_path: Path) -> None:
    async with parrot(tmp_path / "parrot.log") as port, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/voice")).status_code == 403
