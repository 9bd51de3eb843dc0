"""A sample application by itself, run as a customer would, beside whatever switch."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from tests.interop.switch import TOKEN
from tests.ports import free_port


@contextlib.asynccontextmanager
async def running_sample(name: str, log: Path) -> AsyncIterator[int]:
    """Its port, once it says in ``log`` that it listens."""
    port = free_port()
    command = (sys.executable, "-m", f"samples.{name}", str(port))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, env={**os.environ, "TWILIO_AUTH_TOKEN": TOKEN})
    try:
        async with asyncio.timeout(20):
            while "listens" not in log.read_text():
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


def number_of(port: int, phone_number: str) -> str:
    """The settings of a number that is answered by it."""
    return f'[[number]]\nphone_number = "{phone_number}"\nvoice_url = "http://127.0.0.1:{port}/voice"\nvoice_method = "GET"'
