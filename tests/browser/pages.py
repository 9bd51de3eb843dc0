"""Pages with the official Voice SDK in Chromium, whose microphone is a tone, on a switch of their own."""

from __future__ import annotations

import asyncio
import contextlib
import time
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, ConsoleMessage, Page
from starlette.responses import FileResponse, HTMLResponse
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from tests.browser.chromium import chromium
from tests.interop.switch import SID, TOKEN, RunningSwitch, running_switch
from tests.ports import free_port
from tests.webhook import Webhook, running_webhook

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ROOT / ".venv/node/node_modules"
LATEST, OLD = "@twilio/voice-sdk", "twilio-client"
MICROPHONE_HERTZ = 1000
APPLICATION = "AP" + "1" * 32
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--host-resolver-rules=MAP *.twilio.com ~NOTFOUND",
)


@dataclass
class Phone:
    """One page."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """Exceptions that nothing in the page has caught."""

    async def log(self) -> list[dict[str, Any]]:
        """All that has happened."""
        found: list[dict[str, Any]] = await self.page.evaluate("log")
        return found

    async def until(self, what: str, count: int = 1, seconds: float = 25) -> dict[str, Any]:
        """Wait until something has happened for the ``count``-th time."""
        try:
            found = await self.page.wait_for_function(
                "([what, count]) => { const seen = log.filter(each => each.what === what); return seen[count - 1] || false; }",
                arg=[what, count],
                timeout=seconds * 1000,
                polling=50,
            )
        except Exception as error:
            raise AssertionError(f"no {what} ({count}) among {await self.log()}, errors: {self.errors}") from error
        seen: dict[str, Any] = await found.json_value()
        return seen

    async def do(self, script: str, *arguments: Any) -> Any:
        """Run something in the page; ``a`` is the list of arguments."""
        try:
            async with asyncio.timeout(20):
                return await self.page.evaluate(f"a => {{ {script} }}", list(arguments))
        except TimeoutError as error:
            raise AssertionError(f"{script} takes too long: {await self.log()}, errors: {self.errors}") from error

    async def hears(self, hertz: float, seconds: float = 25) -> None:
        """Wait until a tone is the strongest that it hears."""
        heard: list[Any] = []
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            heard.append(await self.page.evaluate("listen()"))
            if abs(heard[-1]["hertz"] - hertz) < 15 and heard[-1]["level"] > -60:
                return
        raise AssertionError(f"{hertz} Hz is not heard: {heard}; {await self.log()}")


@dataclass
class Laboratory:
    """A switch, a customer and a browser; tokens are signed by a key of the switch's REST API."""

    switch: RunningSwitch
    webhook: Webhook
    browser: Browser
    https_port: int
    key: tuple[str, str]
    _opened: list[Phone] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The one option that a page needs."""
        return f"127.0.0.1:{self.https_port}"

    def token(self, identity: str, *, ttl: int = 3600, incoming: bool = True, application: str = APPLICATION) -> str:
        """An access token as customers make it."""
        made = AccessToken(SID, *self.key, identity=identity, ttl=ttl)
        made.add_grant(VoiceGrant(incoming_allow=incoming, outgoing_application_sid=application))
        return str(made.to_jwt())

    async def open(self, sdk: str = LATEST) -> Phone:
        """A page that does nothing yet."""
        self.webhook.answers["/page"] = HTMLResponse((Path(__file__).parent / "page.html").read_text())
        self.webhook.answers["/sdk.js"] = FileResponse(PACKAGES / sdk / "dist/twilio.min.js")
        context = await self.browser.new_context(ignore_https_errors=True)
        phone = Phone(await context.new_page())
        phone.page.on("pageerror", lambda error: phone.errors.append(str(error)))
        phone.page.on("console", lambda message: self._complain(phone, message))
        await phone.page.goto(self.webhook.url("/page"))
        self._opened.append(phone)
        return phone

    async def phone(self, identity: str, *, register: bool = True, sdk: str = LATEST, **options: Any) -> Phone:
        """A page that has signed in."""
        phone = await self.open(sdk)
        await phone.do("make(a[0], a[1])", self.token(identity), {"chunderw": self.host, **options})
        if sdk == OLD:
            await phone.until("device.ready")
        elif register:
            await phone.do("return phone.device.register()")
            await phone.until("device.registered")
        return phone

    async def close(self) -> None:
        """Close the pages of one test."""
        for phone in self._opened:
            await phone.page.context.close()
        self._opened.clear()
        await self.switch.wait_until_idle(30)
        self.webhook.answers.clear()
        self.webhook.visits.clear()

    def _complain(self, phone: Phone, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            phone.errors.append(message.text)


def write_tone(path: Path, hertz: float, seconds: float = 2, rate: int = 48_000) -> bytes:
    """A WAV file of a tone; returns what is in it."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        times = np.arange(round(seconds * rate)) / rate
        file.writeframes((8000 * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes())
    return path.read_bytes()


@contextlib.asynccontextmanager
async def laboratory(folder: Path) -> AsyncIterator[Laboratory]:
    """Everything, until the block ends."""
    write_tone(folder / "microphone.wav", MICROPHONE_HERTZ)
    microphone = f"--use-file-for-fake-audio-capture={folder / 'microphone.wav'}"
    async with (
        running_webhook() as webhook,
        chromium(*FLAGS, microphone) as browser,
        equipped(folder, webhook, browser) as made,
    ):
        yield made


@contextlib.asynccontextmanager
async def equipped(folder: Path, webhook: Webhook, browser: Browser, more: str = "") -> AsyncIterator[Laboratory]:
    """A switch for pages, with ``more`` in its configuration, where ``{port}`` is that of its HTTPS side."""
    port = free_port()
    application = f'[[application]]\nsid = "{APPLICATION}"\nvoice_url = "{webhook.url("/app")}"\nstatus_callback = "{webhook.url("/status")}"'
    numbers, tables = {"+15550100": webhook.url("/voice")}, f"{application}\n{more.format(port=port)}"
    async with running_switch(folder, numbers, tables, http=f"tls_port = {port}") as switch:
        made = await switch.client.post(f"/2010-04-01/Accounts/{SID}/Keys.json", auth=(SID, TOKEN))
        yield Laboratory(switch, webhook, browser, port, (made.json()["sid"], made.json()["secret"]))
