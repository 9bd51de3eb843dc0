"""Every page of the console in Chromium, on a switch with calls in it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from tests.voice.exchange import Customer, World
from voice.console.users import first_password

playwright = pytest.importorskip("playwright.async_api", reason="Playwright is not installed")

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
MARKUP = "<img src=x onerror=document.title='owned'>"

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")


@asynccontextmanager
async def _served(world: World) -> AsyncIterator[str]:
    config = uvicorn.Config(world.app(), host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    loop = asyncio.create_task(server.main_loop())
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        world.admission.draining = True
        server.should_exit = True
        await loop
        await server.shutdown()


async def _look(folder: Path, pictures: Path) -> None:
    customer = Customer({"/voice": f"<Say>{MARKUP.replace('<', '&lt;')}</Say><Gather timeout='600'/>"})
    async with World(folder, customer) as world, _served(world) as address, playwright.async_playwright() as tool:
        chromium = await tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await chromium.new_page(viewport={"width": 1280, "height": 800})
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(address)
        await page.fill("#user", "admin")
        await page.fill("#password", first_password(folder))
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Nobody is calling.")
        world.call(from_=f"sip:{'a' * 40}@carrier")
        await page.wait_for_selector("text=1 live", timeout=2_000)
        await page.screenshot(path=pictures / "live.png")
        await page.click("td a")
        await page.wait_for_selector(".badge.live")
        await page.wait_for_selector("summary:has-text('request')")
        await page.click("summary:has-text('response')")
        await page.wait_for_selector("pre:has-text('onerror')")
        await page.click("text=Why no audio?")
        await page.click("text=Zoom in")
        await page.screenshot(path=pictures / "inspector.png")
        async with page.expect_download() as download:
            await page.click("text=Save as a file")
        saved = folder / "saved.html"
        await (await download.value).save_as(saved)
        await page.emulate_media(color_scheme="dark")
        await page.set_viewport_size({"width": 390, "height": 800})
        await page.screenshot(path=pictures / "inspector-phone-dark.png")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.goto(f"{address}/#/history")
        await page.fill("#words", "carrier")
        await page.wait_for_selector("td a")
        await page.screenshot(path=pictures / "history.png")
        await page.goto(f"{address}/#/twiml")
        await page.wait_for_selector("text=No objections.")
        await page.fill("#document", "<Response><Sya/></Response>")
        await page.wait_for_selector(".findings :text('Sya')")
        await page.screenshot(path=pictures / "twiml.png")
        await page.goto(f"{address}/#/")
        await page.click("text=Hang up")
        await page.wait_for_selector("text=Nobody is calling.")
        offline = await chromium.new_context(offline=True)
        alone = await offline.new_page()
        alone.on("pageerror", lambda error: complaints.append(str(error)))
        await alone.goto(saved.as_uri())
        await alone.wait_for_selector("summary:has-text('request')")
        assert await page.title() == "Strowger"
        assert (await alone.title()).startswith("CA")
        await chromium.close()
        assert complaints == []


def test_every_page_works_without_a_complaint(tmp_path: Path) -> None:
    pictures = Path(os.environ.get("SCREENSHOTS", tmp_path))
    asyncio.run(asyncio.wait_for(_look(tmp_path, pictures), 60))
