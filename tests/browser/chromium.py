"""Debian's Chromium, steered by Playwright. ``.ci/setup`` installs both: where one is missing, tests fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-background-networking", "--no-first-run", "--autoplay-policy=no-user-gesture-required")


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """A browser, with more flags than all have."""
    async with async_playwright() as tool:
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await asyncio.wait_for(browser.close(), 10)
