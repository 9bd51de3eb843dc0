"""The samples that are spoken with, each started by its one command, and a real telephone."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from tests.interop import baresip
from tests.interop.sample import SECONDS, running
from tests.interop.switch import events
from tests.media.recordings import said


def saying(words: str, after: float) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Words after some seconds of silence, three times: on a busy machine a line is not always clean."""
    once = np.concatenate((np.zeros(round(8000 * after)), 16_000 * said(words, "en-us"), np.zeros(24_000)))
    return np.tile(once, 3).astype(np.int16)


async def test_a_menu_understands_what_is_said(tmp_path: Path) -> None:
    async with (
        running("speech_menu", tmp_path) as sample,
        baresip.answering(tmp_path / "baresip", saying("opening hours", 1.5), SECONDS) as uri,
    ):
        sid = await sample.call(uri)
        async with asyncio.timeout(SECONDS):
            while not any("nine to five" in str(played["what"]) for played in events(sample.journals.read(sid), "playing")):
                await asyncio.sleep(0.2)
        assert "opening hours" in [heard["text"] for heard in events(sample.journals.read(sid), "speech")]


async def test_what_is_said_can_be_read_on_a_page(tmp_path: Path) -> None:
    async with (
        running("live_transcript", tmp_path) as sample,
        baresip.answering(tmp_path / "baresip", saying("good morning, this is a test", 3.5), SECONDS) as uri,
        httpx.AsyncClient(base_url=sample.webhook, trust_env=False, timeout=SECONDS) as client,
    ):
        page = await client.get("/")
        assert "Live transcript" in page.text
        told: list[dict[str, Any]] = []
        async with asyncio.timeout(SECONDS), client.stream("GET", "/events") as stream:
            sid = await sample.call(uri)
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    told.append(json.loads(line.removeprefix("data: ")))
                if any(event.get("final") and event["track"] == "inbound_track" for event in told):
                    break
        assert {event["call"] for event in told} == {sid}
        assert told[0]["event"] == "transcription-started"
        assert all(event["text"] for event in told if event.get("final"))
        assert (await client.post("/transcription", data={"CallSid": sid})).status_code == 403


async def test_a_sample_that_there_is_not(tmp_path: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "samples", "nonsense", stderr=pipe)
    _, error = await process.communicate()
    assert process.returncode == 2
    assert b"concierge" in error
