"""The page of the live transcript, in Chromium."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx
from playwright.async_api import expect
from twilio.request_validator import RequestValidator

from tests.browser.chromium import chromium
from tests.ports import free_port

CALL = "CA" + "1" * 32


async def tell(client: httpx.AsyncClient, event: str, text: str = "", track: str = "", final: bool = False) -> None:
    """Be the switch."""
    form = {"CallSid": CALL, "Timestamp": "2030-01-01T00:00:00Z", "TranscriptionEvent": event}
    if text:
        form |= {"Track": track, "TranscriptionData": json.dumps({"transcript": text}), "Final": str(final).lower()}
    url = f"{client.base_url}".rstrip("/") + "/transcription"
    signature = RequestValidator("secret").compute_signature(url, form)
    assert (await client.post(url, data=form, headers={"X-Twilio-Signature": signature})).status_code == 204


async def test_words_appear_as_they_are_said(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "TWILIO_AUTH_TOKEN": "secret"}
    quiet = asyncio.subprocess.DEVNULL
    sample = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "samples.live_transcript", str(port), env=environment, stdout=quiet, stderr=quiet
    )
    try:
        async with asyncio.timeout(20):
            while not _answers(port):
                await asyncio.sleep(0.1)
        async with (
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
            chromium() as browser,
        ):
            await tell(client, "transcription-started")
            await tell(client, "transcription-content", "good morning", "outbound_track", final=True)
            page = await browser.new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(f"http://127.0.0.1:{port}/")
            lines = page.locator("section p")
            await expect(lines).to_have_text(["good morning"])  # said before the page was opened
            await tell(client, "transcription-content", "I would", "inbound_track")
            await expect(lines).to_have_text(["good morning", "I would"])
            await expect(lines.nth(1)).to_have_class("partial")
            await tell(client, "transcription-content", "I would <b>like", "inbound_track", final=True)
            await expect(lines).to_have_text(["good morning", "I would <b>like"])
            await expect(lines.nth(1)).to_have_attribute("data-speaker", "caller")
            await tell(client, "transcription-stopped")
            await expect(page.locator("#state")).to_have_text("The call is over.")
            await page.screenshot(path=str(tmp_path / "transcript.png"))
            assert errors == []
    finally:
        sample.terminate()
        await sample.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
