"""Pages in calls that talk until the input ends: python -m tests.bench.pages URL CODEC TOKEN..."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys

import numpy as np
import uvloop

from tests.bench.page import Page, payloads


async def main(url: str, codec: str, *tokens: str) -> None:
    """Tells ``up`` when all talk, and at the end the percentiles of the milliseconds between what was heard, as JSON."""
    sounds = payloads(codec)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    async with contextlib.AsyncExitStack() as stack:
        pages = [await stack.enter_async_context(Page(url, token, codec)) for token in tokens]
        for page in pages:
            await page.call()
        for page in pages:
            await asyncio.wait_for(page.up.wait(), 20)
        print("up", flush=True)
        await _talk(pages, sounds, ended)
        gaps = 1000 * np.concatenate([np.diff(page.came) for page in pages])
        print(json.dumps(np.percentile(gaps, [50, 95, 99]).tolist()), flush=True)


async def _talk(pages: list[Page], sounds: list[bytes], ended: asyncio.Future[str]) -> None:
    loop = asyncio.get_running_loop()
    due, frame = loop.time(), 0
    while not ended.done():
        for page in pages:
            page.speak(sounds[frame % len(sounds)])
        frame += 1
        due += 0.02
        await asyncio.sleep(due - loop.time())


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
