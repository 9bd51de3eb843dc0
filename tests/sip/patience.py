"""How long a test waits for anything before it fails."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

SECONDS = 10

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def patient(wait: Callable[Parameters, Awaitable[Result]]) -> Callable[Parameters, Awaitable[Result]]:
    """Give a coroutine function a time limit; raises TimeoutError after it."""

    @functools.wraps(wait)
    async def limited(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        async with asyncio.timeout(SECONDS):
            return await wait(*args, **kwargs)

    return limited
