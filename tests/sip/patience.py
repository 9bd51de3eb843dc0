"""How long a test waits for anything before it fails."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

SECONDS = 10

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def patient(wait: Callable[Parameters, Coroutine[Any, Any, Result]]) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Give a coroutine function a time limit; raises TimeoutError after it."""

    @functools.wraps(wait)
    async def limited(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        async with asyncio.timeout(SECONDS):
            return await wait(*args, **kwargs)

    return limited
