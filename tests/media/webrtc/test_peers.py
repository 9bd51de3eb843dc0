"""Browsers, played by aiortc, on rows of a bus."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Awaitable, Callable

import pytest
from aioice.ice import get_host_addresses

from media.errors import DescriptionInvalid, NoPorts, PeerGone
from media.webrtc.events import PeerConnected, PeerFailed, PeerLost
from tests.media.webrtc.browser import Browser
from tests.media.webrtc.conftest import PATIENCE
from tests.media.webrtc.switchboard import Switchboard

Until = Callable[[Callable[[], bool]], Awaitable[None]]
PORTS = (32100, 32103)
"""Which neither the system nor other tests take: see tests.ports."""
SILENT = 1600


@pytest.mark.parametrize(("codec", "rate"), [("PCMU", 8000), ("PCMU", 16000), ("opus", 8000), ("opus", 16000)])
async def test_a_browser_that_calls_hears_its_row_and_speaks_on_it(
    make_board: Callable[..., Switchboard], make_browser: Callable[..., Browser], codec: str, rate: int
) -> None:
    board, browser = make_board(rate), make_browser(codecs=(codec,))
    _, row = await board.call(browser)
    await board.hear_each_other(browser, row)


@pytest.mark.parametrize("codec", ["PCMU", "opus"])
async def test_a_browser_that_is_called_hears_its_row_and_speaks_on_it(
    board: Switchboard, make_browser: Callable[..., Browser], codec: str
) -> None:
    browser = make_browser(codecs=(codec,))
    peer, offer = await board.peers.offer()
    row = board.bus.claim()
    board.peers.attach(peer, row)
    await board.peers.accept(peer, await browser.answer(offer))
    assert await board.events.get() == PeerConnected(peer, codec)
    await board.hear_each_other(browser, row)


async def test_browsers_do_not_hear_each_others_rows(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    browsers = [make_browser(600), make_browser(900, codecs=("opus",)), make_browser(1200)]
    rows = [(await board.call(browser))[1] for browser in browsers]
    await asyncio.gather(*(board.hear_each_other(browser, row) for browser, row in zip(browsers, rows, strict=True)))


async def test_a_browser_moves_to_another_row(board: Switchboard, browser: Browser) -> None:
    peer, row = await board.call(browser)
    await board.hear_each_other(browser, row)
    other = board.bus.claim()
    board.peers.attach(peer, other)
    await board.hear_each_other(browser, other)
    assert not board.spoken(row)[-SILENT:].any()


async def test_a_browser_without_a_row_hears_silence_at_once(board: Switchboard, browser: Browser, until: Until) -> None:
    _, answer = await board.peers.answer(await browser.offer())
    await browser.accept(answer)
    await until(lambda: browser.heard.size > SILENT)
    assert not browser.heard.any()


async def test_a_browser_that_is_hung_up_is_told_and_its_row_falls_silent(
    board: Switchboard, browser: Browser, until: Until
) -> None:
    peer, row = await board.call(browser)
    board.peers.hang_up(peer)
    await until(lambda: browser.connection.connectionState in ("closed", "failed"))
    board.heard.clear()
    await until(lambda: len(board.heard) > 5)
    assert not board.spoken(row).any()
    assert board.peers.measure(peer) is None
    assert board.events.empty()
    with pytest.raises(PeerGone):
        await board.peers.restart(peer, "v=0")


async def test_a_browser_that_hangs_up_is_lost(board: Switchboard, browser: Browser) -> None:
    peer, _ = await board.call(browser)
    await browser.close()
    assert await board.events.get() == PeerLost(peer, "the browser has closed the connection")


async def test_a_browser_that_vanishes_without_a_word_is_lost(
    board: Switchboard, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.02)
    monkeypatch.setattr("aioice.stun.RETRY_RTO", 0.05)
    peer, _ = await board.call(browser)
    browser.vanish()
    assert await board.events.get() == PeerLost(peer, "the browser no longer answers")


async def test_a_browser_that_never_comes_has_failed(board: Switchboard, browser: Browser) -> None:
    peer, _ = await board.peers.answer(await browser.offer())
    assert await board.events.get() == PeerFailed(peer, f"the browser has not come within {PATIENCE:g} s")


async def test_a_browser_that_shows_another_certificate_has_failed(board: Switchboard, browser: Browser) -> None:
    offer = await browser.offer()
    before, _, fingerprint = offer.partition("a=fingerprint:sha-256 ")
    forged = before + "a=fingerprint:sha-256 " + "00" + fingerprint[2:]
    peer, answer = await board.peers.answer(
        "\r\n".join(line for line in forged.split("\r\n") if "sha-384" not in line and "sha-512" not in line)
    )
    await browser.accept(answer)
    assert await board.events.get() == PeerFailed(peer, "the browser and we could not agree on keys")


async def test_a_connection_is_replaced_under_the_same_row(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    old, new = make_browser(700), make_browser(1300)
    peer, row = await board.call(old)
    await new.accept(await board.peers.restart(peer, await new.offer()))
    assert await board.events.get() == PeerConnected(peer, "PCMU")
    await board.hear_each_other(new, row)
    assert board.events.empty()


async def test_a_connection_is_replaced_by_one_of_another_codec(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    old, new = make_browser(700), make_browser(1300, codecs=("opus",))
    peer, row = await board.call(old)
    await board.hear_each_other(old, row)
    before = board.peers.measure(peer)
    await new.accept(await board.peers.restart(peer, await new.offer()))
    assert await board.events.get() == PeerConnected(peer, "opus")
    await board.hear_each_other(new, row)
    after = board.peers.measure(peer)
    assert before is not None
    assert after is not None
    assert after.received > before.received + 20


async def test_a_lost_browser_may_come_back(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    old, new = make_browser(700), make_browser(1300)
    peer, row = await board.call(old)
    await old.close()
    assert isinstance(await board.events.get(), PeerLost)
    await new.accept(await board.peers.restart(peer, await new.offer()))
    assert await board.events.get() == PeerConnected(peer, "PCMU")
    await board.hear_each_other(new, row)


async def test_a_restart_that_fails_leaves_the_call_as_it_was(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    browser, absent = make_browser(700), make_browser()
    peer, row = await board.call(browser)
    with pytest.raises(DescriptionInvalid):
        await board.peers.restart(peer, "v=0\r\n")
    await board.peers.restart(peer, await absent.offer())
    assert isinstance(await board.events.get(), PeerFailed)
    await board.hear_each_other(browser, row)


async def test_an_offer_without_a_codec_of_ours_is_refused(board: Switchboard, make_browser: Callable[..., Browser]) -> None:
    offer = await make_browser(codecs=("PCMA",)).offer()
    with pytest.raises(DescriptionInvalid, match="none of PCMU, opus"):
        await board.peers.answer(offer)
    with pytest.raises(DescriptionInvalid, match="none of PCMU, opus"):
        board.peers.examine(offer)
    assert len(board.peers) == 0


async def test_the_codecs_are_those_of_the_terms(
    make_board: Callable[..., Switchboard], make_browser: Callable[..., Browser]
) -> None:
    board, browser = make_board(codecs=("opus",)), make_browser(codecs=("PCMU", "opus"))
    peer, answer = await board.peers.answer(await browser.offer())
    await browser.accept(answer)
    assert await board.events.get() == PeerConnected(peer, "opus")


async def test_the_external_address_is_what_browsers_are_told(make_board: Callable[..., Switchboard], browser: Browser) -> None:
    board = make_board(external_address="203.0.113.9", bind="")
    _, answer = await board.peers.answer(await browser.offer())
    assert "c=IN IP4 203.0.113.9\r\n" in answer
    candidates = [line.split() for line in answer.split("\r\n") if line.startswith("a=candidate")]
    assert [each[4] for each in candidates] == ["203.0.113.9"]
    _, offer = await board.peers.offer()
    assert "0.0.0.0" not in offer.replace("a=rtcp:9 IN IP4 0.0.0.0", "")


async def test_a_browser_reaches_us_by_the_external_address(make_board: Callable[..., Switchboard], browser: Browser) -> None:
    board = make_board(external_address=get_host_addresses(use_ipv4=True, use_ipv6=False)[0], bind="")
    _, row = await board.call(browser)
    await board.hear_each_other(browser, row)


async def test_ports_are_those_of_the_range_until_all_are_taken(make_board: Callable[..., Switchboard]) -> None:
    board = make_board(ports=PORTS)
    offers = [await board.peers.offer() for _ in range(4)]
    ports = [int(line.split()[5]) for _, offer in offers for line in offer.split("\r\n") if line.startswith("a=candidate")]
    assert sorted(ports) == list(range(PORTS[0], PORTS[1] + 1))
    with pytest.raises(NoPorts):
        await board.peers.offer()
    board.peers.hang_up(offers[1][0])
    assert f" {ports[1]} typ host" in (await _when_free(board))


async def _when_free(board: Switchboard) -> str:
    while True:
        try:
            return (await board.peers.offer())[1]
        except NoPorts:
            await asyncio.sleep(0.01)


async def test_strangers_on_our_port_are_not_heard(board: Switchboard, browser: Browser) -> None:
    peer, answer = await board.peers.answer(await browser.offer())
    board.peers.attach(peer, row := board.bus.claim())
    await browser.accept(answer)
    assert await board.events.get() == PeerConnected(peer, "PCMU")
    ours = ("127.0.0.1", int(answer.partition(" 127.0.0.1 ")[2].split()[0]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"", ours)
        for first in (0, 20, 22, 63, 128, 144, 191, 255):
            for size in (1, 11, 12, 200, 1400):
                stranger.sendto(bytes([first]) + os.urandom(size - 1), ours)
                stranger.sendto(bytes([first, 200]) + os.urandom(size), ours)
    await board.hear_each_other(browser, row)


async def test_what_became_of_the_audio_is_told(board: Switchboard, browser: Browser, until: Until) -> None:
    peer, row = await board.call(browser)
    await board.hear_each_other(browser, row)
    await until(lambda: (traffic := board.peers.measure(peer)) is not None and traffic.round_trip_ms > 0)
    traffic = board.peers.measure(peer)
    assert traffic is not None
    assert (traffic.codec, traffic.lost, traffic.discarded, traffic.far_lost) == ("PCMU", 0, 0, 0)
    assert traffic.received > 20
    assert traffic.sent > 20
    assert traffic.heard_from == traffic.declared
    assert traffic.heard_from


async def test_a_network_that_stands_still_costs_its_ticks_and_lets_nobody_wait(
    board: Switchboard, browser: Browser, until: Until
) -> None:
    _, row = await board.call(browser)
    goes_on = threading.Event()
    board.peers._loop.call_soon_threadsafe(goes_on.wait, 10)
    board.heard.clear()
    try:
        await until(lambda: board.peers.dropped > 0)
        assert len(board.heard) >= 10
    finally:
        goes_on.set()
    await board.hear_each_other(browser, row)


async def test_nothing_is_left_when_all_have_ended(
    board: Switchboard, make_browser: Callable[..., Browser], until: Until
) -> None:
    files = len(os.listdir("/proc/self/fd"))
    for codec in ("PCMU", "opus"):
        browser = make_browser(codecs=(codec,))
        peer, _ = await board.call(browser)
        board.peers.hang_up(peer)
        await browser.close()
    peer, _ = await board.peers.offer()
    board.peers.hang_up(peer)
    await until(lambda: len(os.listdir("/proc/self/fd")) <= files)
    done: asyncio.Queue[int] = asyncio.Queue()
    here = asyncio.get_running_loop()

    def count() -> None:
        tasks = len(asyncio.all_tasks())
        here.call_soon_threadsafe(done.put_nowait, tasks)

    while True:
        board.peers._loop.call_soon_threadsafe(count)
        if await done.get() == 0:
            break


async def test_everything_ends_with_the_peers(make_board: Callable[..., Switchboard], browser: Browser) -> None:
    board = make_board()
    await board.call(browser)
    await board.peers.offer()
    await asyncio.to_thread(board.close)
    assert len(board.peers) == 0
    assert not [each for each in threading.enumerate() if each.name == "webrtc"]
