"""A network of one's own, with addresses that this machine does not have otherwise; needs root on Linux."""

from __future__ import annotations

import asyncio
import ctypes
import subprocess
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any

import pytest

CLONE_NEWNET = 0x40000000


async def apart(scenario: Callable[[], Coroutine[Any, Any, None]], *addresses: str) -> None:
    """Run a scenario on a loop, in a thread and in a network of its own; what it starts is there, too.

    ``addresses`` are added to loopback. Skips the test where namespaces may not be made.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
                pytest.skip("needs root to make a network namespace")
            for command in ("link set lo up", *(f"addr add {address} dev lo" for address in addresses)):
                subprocess.run(["ip", *command.split()], check=True)
            asyncio.run(scenario())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run).start()
    await asyncio.wrap_future(done)
