"""STUN and TURN servers that tell our other addresses; coturn plays both."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from media.webrtc.events import PeerConnected
from media.webrtc.terms import Relay
from tests.media.webrtc.browser import Browser
from tests.media.webrtc.switchboard import Switchboard
from tests.ports import free_port

SECRET = "a-password"
IPV6 = re.compile(r"a=candidate:\S+ 1 udp \d+ \S*:")


@pytest.fixture
async def coturn(tmp_path: Path) -> AsyncIterator[int]:
    """Its port on loopback."""
    port = free_port()
    options = ["--no-tls", "--no-dtls", "--no-cli", "--lt-cred-mech", "--allow-loopback-peers", "--realm=switch"]
    options += [f"--user=switch:{SECRET}", f"--listening-port={port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
    options += [
        f"--pidfile={tmp_path / 'pid'}",
        f"--userdb={tmp_path / 'users'}",
        "--log-file=stdout",
        "--min-port=32200",
        "--max-port=32299",
    ]
    process = await asyncio.create_subprocess_exec(
        "turnserver", "-n", *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.STDOUT
    )
    try:
        await _listens(port)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)


def kinds(description: str) -> set[str]:
    return set(re.findall(r"a=candidate:.* typ (\w+)", description))


async def test_browsers_are_told_how_a_stun_server_sees_us(coturn: int, make_board: Callable[..., Switchboard]) -> None:
    board = make_board(stun=("127.0.0.1", coturn))
    _, offer = await board.peers.offer()
    assert kinds(offer) == {"host", "srflx"}


async def test_a_server_that_does_not_answer_is_done_without(make_board: Callable[..., Switchboard]) -> None:
    board = make_board(stun=("127.0.0.1", free_port()), turn=Relay("127.0.0.1", free_port(), "switch", SECRET))
    _, offer = await board.peers.offer()
    assert kinds(offer) == {"host"}


async def test_credentials_that_are_refused_are_done_without(coturn: int, make_board: Callable[..., Switchboard]) -> None:
    board = make_board(turn=Relay("127.0.0.1", coturn, "switch", "another"))
    _, offer = await board.peers.offer()
    assert kinds(offer) == {"host"}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_browser_that_reaches_only_our_relay_is_heard(
    coturn: int, make_board: Callable[..., Switchboard], browser: Browser, transport: str
) -> None:
    # Our own socket speaks IPv6 alone, and so cannot reach the browser, which is told nothing of it either.
    board = make_board(bind="::1", turn=Relay("127.0.0.1", coturn, "switch", SECRET, transport), patience_seconds=10)
    offer = await browser.offer(candidates=True)
    peer, answer = await board.peers.answer("\r\n".join(line for line in offer.split("\r\n") if not IPV6.match(line)))
    row = board.bus.claim()
    board.peers.attach(peer, row)
    await browser.accept("\r\n".join(line for line in answer.split("\r\n") if not line.endswith("typ host")))
    assert await board.events.get() == PeerConnected(peer, browser.codec)
    await board.hear_each_other(browser, row)
