"""What pages and switch do when they lose each other: the switch itself, signs of life, the audio, or the page."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Error

from tests.browser.pages import Laboratory, Phone, write_tone
from tests.browser.wire import wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

TONE = "<Play loop='0'>/tone.wav</Play>"


@pytest_asyncio.fixture(loop_scope="session")
async def lab(fragile: Laboratory, tmp_path: Path) -> AsyncIterator[Laboratory]:
    tone = write_tone(tmp_path / "tone.wav", 440, 10, 8000)
    fragile.webhook.answers |= {"/status": "", "/app": TONE, "/tone.wav": tone}
    yield fragile
    await fragile.close()


async def talking(lab: Laboratory, identity: str, **options: Any) -> tuple[Phone, str]:
    """A page that can be called and hears a tone in a call of its own; and the CallSid."""
    phone = await lab.phone(identity, **options)
    await phone.do("dial({})")
    await phone.until("call.accept")
    await phone.hears(440)
    return phone, str(await phone.do("return phone.call.parameters.CallSid"))


async def ending(lab: Laboratory, sid: str) -> str:
    """Why a call has ended, as its journal has it."""
    journal = await lab.switch.finished_journal(sid)
    return next(str(entry.data["reason"]) for entry in journal if entry.kind == "ended")


async def reported(lab: Laboratory, sid: str) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """What a page has told of a call that is over: its events by name, and the samples of its audio."""
    async with asyncio.timeout(10):
        while True:
            journal = lab.switch.journal(sid)
            told = [dict(entry.data) for entry in journal if entry.kind == "page-event"]
            events = {f"{event['group']} {event['name']}": event for event in told}
            samples = [dict(entry.data) for entry in journal if entry.kind == "page-quality"]
            if "connection disconnected-by-local" in events and samples:
                return events, samples
            await asyncio.sleep(0.1)


async def warned(phone: Phone, name: str) -> None:
    """Wait for a warning among others."""
    async with asyncio.timeout(25):
        while not any(each["what"] == "call.warning" and each.get("value") == name for each in await phone.log()):
            await asyncio.sleep(0.1)


async def test_a_switch_that_is_killed_ends_calls_and_pages_register_with_the_next_one(lab: Laboratory) -> None:
    (alice, _), bob = await talking(lab, "alice"), await lab.phone("bob")
    await lab.switch.restart()
    await asyncio.gather(alice.until("device.registered", 2), bob.until("device.registered", 2))
    await alice.until("call.reconnecting")
    await alice.until("call.disconnect")
    await alice.do("dial({})")
    await alice.until("call.accept", 2)
    await alice.hears(440)
    await lab.switch.place("client:bob", lab.webhook.url("/app"))
    await bob.until("device.incoming")
    assert [each for each in (*alice.errors, *bob.errors) if "WebSocket connection" not in each] == []


async def test_a_connection_without_signs_of_life_is_made_anew_and_the_call_goes_on(lab: Laboratory) -> None:
    async with wire(lab.https_port) as line:
        alice, sid = await talking(lab, "alice", chunderw=f"127.0.0.1:{line.port}", maxCallSignalingTimeoutMs=30_000)
        bob = await lab.phone("bob", chunderw=f"127.0.0.1:{line.port}")
        line.hold()
        await alice.until("call.reconnected")
        await asyncio.gather(alice.until("device.registered", 2), bob.until("device.registered", 2))
        await alice.hears(440)
        async with asyncio.timeout(20):
            while await lab.switch.metric("strowger_pages_registered") != 2:
                await asyncio.sleep(0.1)
        await alice.hears(440)
        assert await alice.do("return phone.call.status()") == "open"
        await alice.do("phone.call.disconnect()")
        assert await ending(lab, sid) == "OK"
        assert [*alice.errors, *bob.errors] == []


async def test_audio_that_the_switch_no_longer_sends_is_looked_for_again_and_the_journal_tells(lab: Laboratory) -> None:
    alice, sid = await talking(lab, "alice", publishEvents=True)
    await asyncio.sleep(5)
    before = await alice.do("return phone.call._mediaHandler.version.pc.localDescription.sdp.match(/ice-ufrag:(.*)/)[1]")
    lab.switch.process.send_signal(signal.SIGSTOP)
    try:
        await warned(alice, "low-bytes-received")
        await alice.until("call.reconnecting")
    finally:
        lab.switch.process.send_signal(signal.SIGCONT)
    await alice.until("call.reconnected")
    assert before != await alice.do("return phone.call._mediaHandler.version.pc.localDescription.sdp.match(/ice-ufrag:(.*)/)[1]")
    await alice.hears(440)
    assert alice.errors == []
    await alice.do("return phone.call.postFeedback(3, 'choppy-audio').then(() => phone.call.disconnect())")
    await alice.until("call.disconnect")
    noted, told = await reported(lab, sid)
    assert {"network-quality-warning-raised low-bytes-received", "feedback received"} <= noted.keys()
    assert noted["network-quality-warning-raised low-bytes-received"]["level"] == "WARNING"
    assert noted["feedback received"]["told"] == {"issue_name": "choppy-audio", "quality_score": "3"}
    assert noted["get-user-media succeeded"]["level"] == "INFO"
    assert any(each["codec"] == "PCMU" and each.get("mos", 0) > 1 and each.get("microphone", 0) > 1000 for each in told)


async def test_a_call_ends_when_its_audio_or_its_page_has_gone_and_nobody_else_notices(lab: Laboratory) -> None:
    other, _ = await talking(lab, "carol")
    alice, without_audio = await talking(lab, "alice")
    await alice.do("phone.call._mediaHandler.version.pc.close()")
    assert (await alice.until("call.error"))["code"] == 31005
    await alice.until("call.disconnect")
    assert await ending(lab, without_audio) == "its audio was lost: the browser has closed the connection"
    bob, without_page = await talking(lab, "bob")
    with contextlib.suppress(Error):
        await bob.page.goto("chrome://crash")
    assert await ending(lab, without_page) == "its page was lost, and has not come back within 2 s"
    assert lab.webhook.visited("/status")[-1].form["CallStatus"] == "completed"
    await other.hears(440)
    assert [each["what"] for each in await other.log() if each["what"] in ("call.error", "call.reconnecting")] == []
