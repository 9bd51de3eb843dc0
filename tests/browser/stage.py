"""A switch with calls of every kind in it, its console, and who looks at that."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Page

from sip.fake import FakeCall, answers
from tests.serving import serving
from tests.voice.exchange import HOST, NUMBER, Answer, Customer, World
from voice.console.users import first_password
from voice.settings import Application, Number, SipDomain, Trunk, TrunkTarget

PICTURES = Path(os.environ.get("SCREENSHOTS", Path(__file__).parents[2] / "build" / "screenshots"))
LOUD = "row => new Uint32Array(row.getContext('2d').getImageData(0, Math.round(row.height / 3), row.width, 1).data.buffer).some(Boolean)"
"""Whether something is drawn on a canvas beside its middle line."""
MARKUP = "<img src=x onerror=document.title='owned'>"
WRITTEN = MARKUP.replace("<", "&lt;")

PAGES = {
    "": "text=6 live",
    "history": "td a.sid",
    "conferences": "section.card",
    "queues": "section.card",
    "numbers": "td:has-text('+15550102')",
    "applications": f'td:has-text("{MARKUP}")',
    "domains": "td:has-text('alice')",
    "trunks": "section.card",
    "twiml": "text=No objections.",
}
"""What is on each page once it is filled."""

DOCUMENTS: dict[str, Answer] = {
    "/voice": f"""
<Sya loop="1"/>
<Say>Welcome.</Say>
<Gather action="/choice" numDigits="1" timeout="600">
  <Say>To talk to {WRITTEN}, press 1.</Say>
</Gather>""",
    "/choice": '<Dial timeout="20" action="/done"><Sip>sip:bob@carrier</Sip></Dial>',
    "/done": "<Pause length='600'/>",
    "/meet": lambda form: (
        f'<Dial><Conference participantLabel="{form["From"][-1]}{WRITTEN}">stand-up {WRITTEN}</Conference></Dial>'
    ),
    "/wait": f'<Enqueue waitUrl="/music">support {WRITTEN}</Enqueue>',
    "/music": "<Pause length='600'/>",
}
SETTINGS: dict[str, Any] = {
    "number": (
        Number(phone_number=NUMBER, voice_url=f"{HOST}/voice", status_callback=f"{HOST}/status"),
        Number(phone_number="+15550101", voice_url=f"{HOST}/meet"),
        Number(phone_number="+15550102", voice_url=f"{HOST}/wait"),
    ),
    "application": (Application(sid="AP" + "1" * 32, name=MARKUP, voice_url=f"{HOST}/app"),),
    "sip_domain": (SipDomain(domain="phones.example", voice_url=f"{HOST}/domain", users={"alice": "Alice-password-1"}),),
    "trunk": (
        Trunk(
            name="carrier",
            targets=(TrunkTarget(uri="sip:198.51.100.7:5060"), TrunkTarget(uri="sip:198.51.100.8:5060", priority=20)),
            prefixes=("+49", "+1555"),
            networks=("198.51.100.0/24",),
            max_calls=30,
        ),
    ),
}


@asynccontextmanager
async def stage(folder: Path, **settings: Any) -> AsyncIterator[tuple[World, str]]:
    """A switch and the address of its HTTP side."""
    async with World(folder, Customer(dict(DOCUMENTS)), **SETTINGS, **settings) as world:
        world.exchange.metrics.watch(world.exchange.readings)
        async with serving(world.app(), ws="websockets-sansio") as port:
            try:
                yield world, f"http://127.0.0.1:{port}"
            finally:
                world.admission.draining = True


class Visitor:
    """One page of the console, and everything that it has complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda told: self.complaints.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]) if "//" in request.url else None)

    async def sign_in(self, folder: Path) -> None:
        """As the first administrator."""
        await self.enter("admin", first_password(folder))

    async def enter(self, user: str, password: str) -> None:
        """Sign in."""
        await self.page.goto(self.address)
        await self.page.fill("#user", user)
        await self.page.fill("#password", password)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector("#pages a")

    async def open(self, path: str, until: str) -> None:
        """A page, once something is on it."""
        await self.page.goto(f"{self.address}/#/{path}")
        await self.page.wait_for_selector(until)

    async def click(self, what: str, until: str) -> None:
        """Click on something, and wait for what comes of it."""
        await self.page.click(what)
        await self.page.wait_for_selector(until)

    async def until(self, script: str, seconds: float = 15) -> None:
        """Wait until something is true in the page, which evaluates no text itself."""
        async with asyncio.timeout(seconds):
            while not await self.page.evaluate(script):
                await asyncio.sleep(0.1)


def speak(call: FakeCall, seconds: float = 6.0) -> None:
    """Let a phone say something whose loudness rises and falls as that of speech does."""
    time = np.arange(int(8000 * seconds)) / 8000
    syllables = np.clip(np.sin(2 * np.pi * 2.3 * time) + 0.4 * np.sin(2 * np.pi * 0.37 * time), 0, None) ** 2
    tone = np.sin(2 * np.pi * 180 * time) + 0.5 * np.sin(2 * np.pi * 540 * time)
    call.say((6000 * syllables * tone).astype(np.int16))


async def populate(world: World) -> FakeCall:
    """Calls in a menu, a bridge, a conference and a queue; returns the one in the bridge."""
    world.fake.phone("sip:bob@carrier", answers(after=0.3))
    caller = world.call(from_="sip:+15550177@carrier", headers=(("X-Note", MARKUP),))
    for number, digits in (("+15550101", "20"), ("+15550101", "21"), ("+15550102", "30"), ("+15550102", "31")):
        world.call(to=number, from_=f"sip:+155501{digits}@carrier")
    await _until(lambda: caller.answered)
    speak(caller)
    await asyncio.sleep(2)
    caller.press("1")
    await _until(lambda: bool(world.fake.phone("sip:bob@carrier").calls))
    await _until(lambda: any(call.answered for call in world.fake.phone("sip:bob@carrier").calls))
    speak(world.fake.phone("sip:bob@carrier").calls[0])
    return caller


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)
