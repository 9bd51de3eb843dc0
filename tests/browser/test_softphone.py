"""The softphone of the console in Chromium on a real switch: it calls, is called, presses keys, and both sides hear each other."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import Laboratory, write_tone
from tests.browser.stage import LOUD, PAGES, PICTURES, Visitor, populate, stage
from tests.interop.sample import running
from voice.console.users import hash_password
from voice.settings import Console, ConsoleUser

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEEP = """
  for (const name of ["WebSocket", "RTCPeerConnection", "Audio"]) {
    const kept = window[`kept${name}`] = [];
    window[name] = class extends window[name] { constructor(...given) { super(...given); kept.push(this); } };
  }
"""
"""Lets a test reach what the page makes: its lines, its connections and what plays them."""
FAIL = """
  const peer = keptRTCPeerConnection.at(-1);
  Object.defineProperty(peer, "connectionState", { value: "failed", configurable: true });
  peer.dispatchEvent(new Event("connectionstatechange"));
  delete peer.connectionState;
"""
WAY = "/ice-ufrag:(\\S*)/.exec(keptRTCPeerConnection.at(-1).remoteDescription.sdp)[1]"
MICROPHONE = "keptRTCPeerConnection.at(-1).getSenders()[0].track.getSettings().deviceId"
SPEAKER = "keptAudio.at(-1).sinkId"
HARMLESS = {"Sign out", "Why no audio?", "Newer", "Older", "Zoom in", "Zoom out", "Show all"}
"""What a viewer may press."""
HEARS = "document.querySelector('.softphone meter').value > 0.05"


@asynccontextmanager
async def _console(lab: Laboratory, **options: Any) -> AsyncIterator[Visitor]:
    """The console, signed in, with its phone open and its line there."""
    context = await lab.browser.new_context(viewport={"width": 1360, "height": 900}, **options)
    await context.add_init_script(KEEP)
    page = await context.new_page()
    page.set_default_timeout(30_000)
    https = options.get("ignore_https_errors")
    visitor = Visitor(page, f"https://localhost:{lab.https_port}" if https else f"http://127.0.0.1:{lab.switch.http_port}")
    await visitor.sign_in(lab.switch.data_dir)
    await visitor.click("button.knob.there", "text=You are client:console-admin")
    try:
        yield visitor
    finally:
        await context.close()
    assert visitor.complaints == []
    assert visitor.hosts == {visitor.address.split("/")[2]}


@pytest.mark.parametrize("options", [{}, {"ignore_https_errors": True}], ids=["http", "https"])
async def test_a_newcomer_calls_a_number_hears_it_presses_a_key_and_watches(
    lab: Laboratory, tmp_path: Path, options: dict[str, Any]
) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 20, 8000)
    lab.webhook.answers["/voice"] = "<Gather numDigits='1' action='/pressed'><Play loop='0'>/tone.wav</Play></Gather>"
    lab.webhook.answers["/pressed"] = "<Play loop='0'>/tone.wav</Play>"
    async with _console(lab, **options) as visitor:
        page = visitor.page
        assert await page.input_value("#dial") == "+15550100"
        await page.click("button.dial")
        await visitor.until(HEARS)
        form = lab.webhook.visited("/voice")[0].form
        assert (form["From"], form["To"]) == ("client:console-admin", "+15550100")
        await visitor.click("text=Watch it", ".item:has-text('Gather')")
        await page.screenshot(path=PICTURES / "softphone.png")
        await visitor.click(".keys button:has-text('5')", ".track.caller .item:has-text('5')")
        assert (await lab.webhook.wait_for("/pressed")).form["Digits"] == "5"
        for way in ("heard", "said"):
            await visitor.until(f"({LOUD})(document.querySelector('canvas.wave.{way}'))")
        await visitor.click(".softphone button:has-text('Mute')", ".softphone button:has-text('Unmute')")
        await visitor.click(".softphone button:has-text('Hang up')", "button.dial:visible")
        await page.wait_for_selector(".badge.completed")


async def test_whoever_has_typed_make_run_opens_what_it_prints_and_calls_the_menu(lab: Laboratory, tmp_path: Path) -> None:
    context = await lab.browser.new_context()
    async with running("menu", tmp_path) as sample:
        told = re.search(r"Open +(\S+) +and sign in as (\S+) with (\S+):", sample.welcome)
        assert told is not None, sample.welcome
        visitor = Visitor(await context.new_page(), told[1])
        await visitor.enter(told[2], told[3])
        await visitor.click("button.knob.there", "text=You are client:console-admin")
        await visitor.page.click("button.dial")
        await visitor.until(HEARS)
        await visitor.click("text=Watch it", ".track.audio .item:has-text('Welcome to Strowger')")
        await visitor.click(".keys button:has-text('1')", ".track.audio .item:has-text('tune.wav')")
        await visitor.until(HEARS)
        await visitor.click(".softphone button:has-text('Hang up')", "button.dial:visible")
        assert visitor.complaints == []
        assert visitor.hosts == {visitor.address.split("/")[2]}
        await context.close()


async def test_a_document_is_written_and_called(lab: Laboratory, tmp_path: Path) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 20, 8000)
    async with _console(lab) as visitor:
        page = visitor.page
        await visitor.open("twiml", "#document")
        await page.fill("#document", f"<Response><Play loop='0'>{lab.webhook.url('/tone.wav')}</Play></Response>")
        await page.click(".caller-form button")
        await page.click(".softphone button:has-text('Answer')")
        await visitor.until(HEARS)
        await visitor.click(".softphone button:has-text('Hang up')", "button.dial:visible")
        await page.click(".caller-form button")
        await visitor.click(".softphone button:has-text('Reject')", "button.dial:visible")


async def test_two_consoles_talk_in_a_conference_and_one_is_told_why_a_call_fails(lab: Laboratory) -> None:
    async with _console(lab) as one, _console(lab) as other:
        for visitor in (one, other):
            await visitor.page.fill("#dial", "conference:stand-up")
            await visitor.page.press("#dial", "Enter")
        for visitor in (one, other):
            await visitor.until(HEARS)
        for visitor in (one, other):
            await visitor.click(".softphone button:has-text('Hang up')", "button.dial:visible")
        await one.page.fill("#dial", "nonsense")
        await one.page.press("#dial", "Enter")
        await one.page.wait_for_selector("#said.bad:has-text('neither a number nor an address')")


async def test_a_call_outlives_its_line_and_the_way_of_its_audio_and_changes_its_devices(lab: Laboratory, tmp_path: Path) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 20, 8000)
    lab.webhook.answers["/voice"] = "<Gather numDigits='1' action='/pressed'><Play loop='0'>/tone.wav</Play></Gather>"
    lab.webhook.answers["/pressed"] = "<Play loop='0'>/tone.wav</Play>"
    async with _console(lab) as visitor:
        page = visitor.page
        await page.click("button.dial")
        await visitor.until(HEARS)
        way = await page.evaluate(WAY)
        await page.evaluate("keptWebSocket.at(-1).close()")
        await page.wait_for_selector(".softphone :text('The line is lost')")
        await page.wait_for_selector(".softphone :text('You are client:console-admin')")
        assert await page.evaluate(WAY) == way, "a lost line costs no audio"
        await page.evaluate(FAIL)
        await visitor.until(f"{WAY} !== '{way}'")
        await visitor.until("keptRTCPeerConnection.at(-1).connectionState === 'connected'")
        await page.click(".softphone summary:has-text('Devices')")
        for kind, used in (("microphone", MICROPHONE), ("speaker", SPEAKER)):
            chosen = await page.locator(f"#{kind} option:has-text('Fake')").last.get_attribute("value")
            await page.select_option(f"#{kind}", chosen)
            await visitor.until(f"{used} === '{chosen}'")
        await page.select_option("#microphone", "")
        await visitor.until(f"{MICROPHONE} !== '{chosen}'")
        await page.evaluate("document.querySelector('.softphone meter').value = 0")
        await visitor.until(HEARS)
        await page.click(".keys button:has-text('7')")
        assert (await lab.webhook.wait_for("/pressed")).form["Digits"] == "7"
        await visitor.click(".softphone button:has-text('Hang up')", "button.dial:visible")


async def test_a_viewer_sees_all_pages_and_can_do_nothing(lab: Laboratory, tmp_path: Path) -> None:
    user = ConsoleUser(name="guest", role="viewer", password_hash=hash_password("the password of a guest"))
    context = await lab.browser.new_context()
    async with stage(tmp_path, console=Console(user=(user,))) as (world, address):
        visitor = Visitor(await context.new_page(), address)
        await visitor.enter("guest", "the password of a guest")
        await populate(world)
        sid = world.customer.visited("/voice")[0]["CallSid"]
        for path, shown in {**PAGES, f"calls/{sid}": ".item"}.items():
            await visitor.open(path, shown)
            named = await visitor.page.locator("button:not(.item):visible").evaluate_all(
                "all => all.map(each => each.textContent || each.title)"
            )
            assert {*named} - HARMLESS == set(), f"a viewer is offered these at {path}"
        assert await visitor.page.locator("#phone *").count() == 0
        refused = "([path, method]) => fetch(path, {method, headers: {'X-CSRF-Token': token}}).then(answer => answer.status)"
        begun = "fetch('/console/session').then(answer => answer.json()).then(told => { window.token = told.csrf; })"
        await visitor.page.evaluate(begun)
        for path, method in ((f"calls/{sid}", "DELETE"), (f"calls/{sid}/sound", "GET"), ("phone", "POST")):
            assert await visitor.page.evaluate(refused, [f"/console/{path}", method]) == 403
        assert len(world.registry) == 6
    await context.close()


async def test_a_page_that_gets_no_microphone_says_so_instead_of_calling(lab: Laboratory) -> None:
    context = await lab.browser.new_context()
    await context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    visitor = Visitor(await context.new_page(), f"http://127.0.0.1:{lab.switch.http_port}")
    await visitor.sign_in(lab.switch.data_dir)
    await visitor.open("numbers", "td:has-text('+15550100')")
    await visitor.click("[aria-label='Call +15550100']", ".softphone :text('Browsers give the microphone to https')")
    assert await visitor.page.is_disabled("button.dial")
    await context.close()
    assert visitor.complaints == []
