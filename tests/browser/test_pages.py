"""Every page of the console in Chromium, on a switch with calls in it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, ViewportSize

from sip.fake import FakeCall
from tests.browser.chromium import chromium
from tests.browser.stage import LOUD, MARKUP, PAGES, PICTURES, Visitor, populate, stage
from tests.voice.exchange import World

AXE = Path(sys.prefix) / "node/node_modules/axe-core/axe.min.js"
DESK, HAND = ViewportSize(width=1360, height=900), ViewportSize(width=390, height=844)
LOOKS: tuple[tuple[Literal["dark", "light"], ViewportSize], ...] = (("dark", HAND), ("light", DESK))
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter((each) => ["serious", "critical"].includes(each.impact))
  .map((each) => `${each.id}: ${each.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`)"""


def test_every_page_works_in_every_light_and_size_without_a_complaint(tmp_path: Path) -> None:
    asyncio.run(asyncio.wait_for(_look(tmp_path), 240))


async def _look(folder: Path) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with stage(folder) as (world, address), chromium() as browser:
        page = await browser.new_page(viewport=DESK)
        visitor = Visitor(page, address)
        page.set_default_timeout(20_000)
        await page.goto(address)
        await page.wait_for_selector("#user")
        await _judge(visitor, "sign-in")
        await visitor.sign_in(folder)
        await page.wait_for_selector("text=Nobody is calling.")
        caller = await populate(world)
        call = f"calls/{world.customer.visited('/voice')[0]['CallSid']}"
        for path, shown in {**PAGES, call: ".item"}.items():
            await visitor.open(path, shown)
            await _judge(visitor, path.partition("/")[0] or "live")
        await page.click("button.knob.there")
        await _judge(visitor, "phone")
        await page.click(".softphone button:has-text('Close')")
        await _inspect(visitor, world, browser, folder, caller)
        await _write(visitor)
        await _act(visitor, world)
        assert await page.title() == "Live · Strowger"
        refused = [told for told in visitor.complaints if "status of 400" in told]
        assert visitor.complaints == refused[:1], "the number that is none, and nothing else"
        assert visitor.hosts == {address.removeprefix("http://")}


async def _judge(visitor: Visitor, name: str) -> None:
    """Dark on a phone, light on a desk: seen, as wide as the screen, and without an obstacle to anybody."""
    page = visitor.page
    await page.evaluate(AXE.read_text())
    for colours, size in LOOKS:
        await page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        await page.set_viewport_size(size)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert await page.evaluate(RUN_AXE) == [], f"{name}, {colours}, {size}"
        await page.screenshot(path=PICTURES / f"{name}-{colours}.png")


async def _inspect(visitor: Visitor, world: World, browser: Browser, folder: Path, caller: FakeCall) -> None:
    """The time line of a call that goes on: what is new appears, and it can be taken home."""
    page = visitor.page
    await page.wait_for_selector(".badge.live")
    caller.press("9")
    await page.wait_for_selector(".track.caller .item:has-text('9')")
    assert await page.evaluate(f"[...document.querySelectorAll('canvas')].some({LOUD})"), "nothing is drawn of what was said"
    await _report(visitor, world)
    await page.focus(".board")
    for key in ("Home", "ArrowRight", "+", "+", "ArrowRight", "-", "0"):
        await page.keyboard.press(key)
    await page.wait_for_selector(".pane dl")
    await page.click("summary:has-text('POST http://app.example/voice')")
    await page.click("text=Signature doctor")
    await page.fill("#given", "bm90aGluZw==")
    await visitor.click("text=Examine", "text=Nothing usual explains it")
    await visitor.click("summary:has-text('1 in the TwiML')", ".document .finding:has-text('Sya')")
    await visitor.click("text=Why no audio?", ".why:visible")
    await page.screenshot(path=PICTURES / "inspector-open.png", full_page=True)
    async with page.expect_download() as download:
        await page.click("text=Save as a file")
    saved = folder / "saved.html"
    await (await download.value).save_as(saved)
    await visitor.click("text=Record", ".track.audio .item:has-text('recording')")
    await page.click("text=Run TwiML")
    await visitor.click("dialog button:has-text('Run')", ".track.verbs .item:has-text('Say') >> nth=1")
    alone = Visitor(await (await browser.new_context(offline=True, viewport=DESK)).new_page(), "")
    await alone.page.goto(saved.as_uri())
    await alone.page.wait_for_selector(".item:has-text('Gather')")
    await alone.click(".item:has-text('Gather')", ".pane dl")
    await alone.page.screenshot(path=PICTURES / "saved.png")
    assert (await alone.page.title()).startswith("CA")
    assert alone.complaints == []


async def _report(visitor: Visitor, world: World) -> None:
    """What a page has noticed stands on a lane of its own, and stands out when it is a warning."""
    page = visitor.page
    sid = page.url.rpartition("/")[2]
    line = world.registry.by_sid(sid)
    assert line is not None
    told = {"data": '{"threshold":30,"values":[31,40,52]}', MARKUP: MARKUP}
    line.call.journal.add("page-event", group="network-quality-warning-raised", name="high-jitter", level="WARNING", told=told)
    line.call.journal.add("page-quality", seconds=10, codec="PCMU", mos=4.1, jitter_ms=52.0, round_trip_ms=20.0, loss=0.0)
    await visitor.click(".track.page .item.bad:has-text('high-jitter')", ".pane dl")
    await page.wait_for_selector(".track.page .item:has-text('MOS 4.1')")


async def _write(visitor: Visitor) -> None:
    """A document with a mistake, then one that is called."""
    page = visitor.page
    await visitor.open("twiml", "text=No objections.")
    await page.fill("#document", "<Response><Sya/></Response>")
    await page.wait_for_selector(".findings :text('Sya')")
    await page.screenshot(path=PICTURES / "twiml-objection.png")
    await page.select_option("#sample", "Say something")
    await page.fill("#to", "sip:bob@carrier")
    await page.click("button:has-text('Call')")
    await visitor.click("text=Watch it in the inspector", ".item:has-text('Say')")


async def _act(visitor: Visitor, world: World) -> None:
    """What an administrator does: a number, a search, a queue, a participant, and the end of calls."""
    page = visitor.page
    await visitor.open("numbers", "text=Take a number")
    await page.click("text=Take a number")
    await page.fill("#field-PhoneNumber", "nonsense")
    await visitor.click("dialog button:has-text('Take')", "dialog [role=alert]:visible")
    await page.fill("#field-PhoneNumber", "+15550199")
    await page.fill("#field-FriendlyName", MARKUP)
    await page.fill("#field-VoiceUrl", "http://app.example/new")
    await page.screenshot(path=PICTURES / "numbers-form.png")
    await visitor.click("dialog button:has-text('Take')", "td:has-text('+15550199')")
    assert world.exchange.directory.owns("+15550199")
    await page.click("[aria-label='Give up +15550199']")
    await page.click("dialog button:has-text('Give up')")
    await page.wait_for_selector("td:has-text('+15550199')", state="detached")
    await visitor.open("history", "td a.sid")
    await page.fill("#words", "+15550120")
    await visitor.until("document.querySelectorAll('tbody tr').length === 1")
    await visitor.open("conferences", "section.card")
    await visitor.click("button:has-text('Mute') >> nth=0", "button:has-text('Unmute')")
    assert [each.member.muted for conference in world.conferences for each in conference.participants.values()] == [True, False]
    await visitor.open("trunks", "section.card")
    world.fake.peers.alive = {"sip:198.51.100.7:5060": 200}
    await visitor.click("button:has-text('Ask now')", "td:has-text('200 in')")
    await page.click("[aria-label='Pause carrier']")
    await visitor.click("dialog button:has-text('Pause')", ".badge:has-text('paused')")
    assert [trunk.paused for trunk in world.exchange.trunks] == [True]
    await visitor.click("[aria-label='Resume carrier']", "[aria-label='Pause carrier']")
    await visitor.open("queues", "section.card")
    await page.click("text=Make a queue")
    await page.fill("#field-FriendlyName", "sales")
    await visitor.click("dialog button:has-text('Make')", "section[aria-label=sales]")
    await visitor.open("", "tbody tr")
    await visitor.click("[aria-label='Listen to +15550120']", ".listening")
    await page.click(".listening button")
    await page.click("text=Hang up on everybody")
    await visitor.click("dialog button:has-text('Hang up')", "text=Nobody is calling.")
