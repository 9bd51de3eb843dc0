from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from media.webrtc.terms import Terms
from tests.media.webrtc.browser import Browser
from tests.media.webrtc.switchboard import Switchboard

PATIENCE = 1.0


@pytest.fixture
async def make_board() -> AsyncIterator[Callable[..., Switchboard]]:
    """``make_board(rate=8000, **terms)``: a switch on loopback that runs."""
    boards: list[Switchboard] = []

    def make(rate: int = 8000, **terms: object) -> Switchboard:
        board = Switchboard(Terms(**{"bind": "127.0.0.1", "patience_seconds": PATIENCE, **terms}), rate)  # type: ignore[arg-type]
        boards.append(board)
        board.start()
        return board

    yield make
    for board in boards:
        await asyncio.to_thread(board.close)


@pytest.fixture
async def board(make_board: Callable[..., Switchboard]) -> Switchboard:
    return make_board()


@pytest.fixture
async def make_browser() -> AsyncIterator[Callable[..., Browser]]:
    """``make_browser(hertz=1000, codecs=("PCMU", "opus"))``."""
    browsers: list[Browser] = []

    def make(hertz: float = 1000, codecs: tuple[str, ...] = ("PCMU", "opus")) -> Browser:
        browsers.append(Browser(hertz, codecs))
        return browsers[-1]

    yield make
    for browser in browsers:
        await browser.close()


@pytest.fixture
async def browser(make_browser: Callable[..., Browser]) -> Browser:
    return make_browser()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Wait for something to be so, ten seconds at most."""

    async def wait(met: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not met():
                await asyncio.sleep(0.01)

    return wait
