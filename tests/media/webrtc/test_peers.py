"""Browsers by aiortc on rows of a bus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from media.webrtc.events import PeerConnected
from media.webrtc.terms import Terms
from tests.media.webrtc.browser import Browser, pitch
from tests.media.webrtc.switchboard import Switchboard


@pytest.fixture(params=[8000, 16000])
async def board(request: pytest.FixtureRequest) -> AsyncIterator[Switchboard]:
    board = Switchboard(Terms(bind="127.0.0.1", patience_seconds=5), request.param)
    board.start()
    yield board
    await asyncio.to_thread(board.close)


@pytest.fixture(params=["PCMU", "opus"])
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    browser = Browser(1000, codecs=(request.param,))
    yield browser
    await browser.close()


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.01)


async def heard_both_ways(board: Switchboard, browser: Browser, row: int) -> None:
    board.forget()
    browser.forget()
    await until(lambda: browser.heard.size > 8000 and len(board.heard) > 60)
    assert pitch(browser.heard[-4000:]) == pytest.approx(440, abs=5)
    assert pitch(board.spoken(row)[-4000:]) == pytest.approx(1000, abs=5)


async def test_a_browser_that_calls_hears_its_row_and_speaks_on_it(board: Switchboard, browser: Browser) -> None:
    peer, answer = await board.peers.answer(await browser.offer())
    row = board.bus.claim()
    board.peers.attach(peer, row)
    await browser.accept(answer)
    assert await board.events.get() == PeerConnected(peer, browser.codec)
    await heard_both_ways(board, browser, row)


async def test_a_browser_that_is_called_hears_its_row_and_speaks_on_it(board: Switchboard, browser: Browser) -> None:
    peer, offer = await board.peers.offer()
    row = board.bus.claim()
    board.peers.attach(peer, row)
    await board.peers.accept(peer, await browser.answer(offer))
    assert await board.events.get() == PeerConnected(peer, browser.codec)
    await heard_both_ways(board, browser, row)
