"""The official Voice SDK, unmodified, in Chromium: what a page does and sees (section 6.4 of the protocol's description)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twilio.jwt.client import ClientCapabilityToken

from tests.browser.pages import APPLICATION, MICROPHONE_HERTZ, OLD, Laboratory, Phone, write_tone
from tests.interop.switch import SID, TOKEN
from tests.ports import free_port
from tests.telephone import Callee

pytestmark = pytest.mark.asyncio(loop_scope="session")

TONE = "<Play loop='0'>/tone.wav</Play>"
VERSIONS = ["@twilio/voice-sdk", "voice-sdk-2.13.0", "voice-sdk-2.4.0", "voice-sdk-2.0.1", "twilio-client"]


@pytest.fixture(autouse=True)
def tone(lab: Laboratory, tmp_path: Path) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 10, 8000)
    lab.webhook.answers["/done"] = ""


@contextlib.asynccontextmanager
async def telephone(hertz: float, *, early: bool = False) -> AsyncIterator[tuple[Callee, int]]:
    """A SIP phone that answers, and says a tone, or says it as long as it rings; and its port."""
    phone, port = Callee(events=True, early=early), free_port()
    await phone.wait(port)
    frame = np.round(8000 * np.sin(2 * np.pi * hertz * np.arange(160) / 8000)).astype(np.int16)

    async def talk() -> None:
        while True:
            if phone.talking:
                phone.say(frame)
            await asyncio.sleep(0.02)

    talking = asyncio.create_task(talk())
    try:
        yield phone, port
    finally:
        talking.cancel()
        phone.close()


async def comes(holds: Callable[[], bool], seen: Callable[[], object], seconds: float = 25) -> None:
    """Wait until something is true of a telephone; says what was ``seen`` instead."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, seen()
        await asyncio.sleep(0.05)


def strongest(phone: Callee) -> float:
    """The tone that a SIP phone hears at last, in Hz; 0 in silence."""
    last = phone.sound[-3200:].astype(float)
    if len(last) < 3200 or np.abs(last).max() < 500:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(last * np.hanning(3200))))) * 8000 / 3200


async def hears_a_page(phone: Callee) -> None:
    """Wait until a SIP phone hears what Chromium's microphone says."""
    await comes(lambda: abs(strongest(phone) - MICROPHONE_HERTZ) < 15, lambda: (strongest(phone), len(phone.sound)))


async def connected(lab: Laboratory, phone: Phone, document: str = TONE) -> str:
    """Let a page call an application; returns the CallSid once it is answered."""
    lab.webhook.answers["/app"] = document
    await phone.do("dial({})")
    await phone.until("call.accept")
    return str(await phone.do("return phone.call.parameters.CallSid"))


@pytest.mark.parametrize("sdk", VERSIONS)
async def test_every_version_calls_and_is_called(lab: Laboratory, sdk: str) -> None:
    lab.webhook.answers["/app"] = TONE
    lab.webhook.answers["/hello"] = TONE
    bob = await lab.phone("bob", sdk=sdk)
    await bob.do("dial({To: '+15551234567', weird: 'a b&c=d+% é'})")
    await bob.until("call.accept")
    await bob.hears(440)
    form = lab.webhook.visited("/app")[0].form
    assert (form["From"], form["To"], form["weird"]) == ("client:bob", "+15551234567", "a b&c=d+% é")
    await bob.do("phone.call.disconnect()")
    await bob.until("call.disconnect")
    await lab.switch.place("client:bob?room=12", lab.webhook.url("/hello"))
    await bob.until("device.incoming")
    assert await bob.do("return phone.call.customParameters.get('room')") == "12"
    await bob.do("accept()")
    await bob.hears(440)
    await bob.do("phone.call.disconnect()")
    await bob.until("call.disconnect", 2)
    assert bob.errors == []


@pytest.mark.filterwarnings("ignore:The HMAC key")
async def test_the_first_sdk_calls_and_is_called_with_capability_tokens(lab: Laboratory) -> None:
    lab.webhook.answers["/app"] = TONE
    jenny, nobody = ClientCapabilityToken(SID, TOKEN), ClientCapabilityToken(SID, TOKEN)
    jenny.allow_client_incoming("jenny")
    for each in (jenny, nobody):
        each.allow_client_outgoing(APPLICATION, team="blue")
    for token, name in ((jenny, "jenny"), (nobody, "Anonymous")):
        page = await lab.open(OLD)
        await page.do("make(a[0], a[1])", token.to_jwt(), {"chunderw": lab.host})
        await page.until("device.ready")
        await page.do("dial({To: 'x'})")
        await page.hears(440)
        form = lab.webhook.visited("/app")[-1].form
        assert (form["From"], form["To"], form["team"]) == (f"client:{name}", "x", "blue")
        await page.do("phone.call.disconnect()")
        await page.until("call.disconnect")
        placed = await lab.switch.place(f"client:{name}", lab.webhook.url("/app"), Timeout="5")
        if token is jenny:
            await page.until("device.incoming")
            await page.do("accept()")
            await page.hears(440)
            await page.do("phone.call.disconnect()")
        else:
            assert placed.status_code == 400, "who may not be called is not there for calls"
        assert page.errors == []
    forged = await lab.open(OLD)
    await forged.do("make(a[0], a[1])", ClientCapabilityToken(SID, "guessed").to_jwt(), {"chunderw": lab.host})
    await forged.until("device.error")
    assert "device.ready" not in [each["what"] for each in await forged.log()]


async def test_two_pages_and_a_telephone_hear_each_other_both_ways(lab: Laboratory) -> None:
    async with telephone(600) as (desk, port):
        alice, bob = await lab.phone("alice"), await lab.phone("bob")
        lab.webhook.answers["/app"] = "<Dial><Client><Identity>bob</Identity><Parameter name='room' value='12'/></Client></Dial>"
        await alice.do("dial({})")
        await bob.until("device.incoming")
        assert await bob.do("return phone.call.parameters.From") == "client:alice"
        assert await bob.do("return phone.call.customParameters.get('room')") == "12"
        await bob.do("accept()")
        await asyncio.gather(alice.hears(MICROPHONE_HERTZ), bob.hears(MICROPHONE_HERTZ))
        await bob.do("phone.call.disconnect()")
        await alice.until("call.disconnect")
        await connected(lab, alice, f"<Dial><Sip>sip:desk@127.0.0.1:{port}</Sip></Dial>")
        await asyncio.gather(alice.hears(600), hears_a_page(desk))
        await alice.do("phone.call.sendDigits('12w#*')")
        await comes(lambda: desk.keys == "12#*", lambda: desk.keys)
        await alice.do("phone.call.mute(true)")
        await comes(lambda: bool(np.abs(desk.sound[-1600:]).max() < 50), lambda: desk.sound[-1600:])
        await alice.do("phone.call.mute(false)")
        await hears_a_page(desk)
        assert [*alice.errors, *bob.errors] == []


async def test_incoming_calls_are_accepted_rejected_ignored_and_cancelled(lab: Laboratory) -> None:
    lab.webhook.answers |= {"/hello": TONE, "/rejected": "", "/unanswered": ""}
    first, second = await lab.phone("bob"), await lab.phone("bob")
    await lab.switch.place("client:bob", lab.webhook.url("/hello"), Timeout="30")
    await first.until("device.incoming")
    await second.until("device.incoming")
    await second.do("accept()")
    await first.until("call.cancel")
    await second.hears(440)
    await second.do("phone.call.disconnect()")
    await second.until("call.disconnect")
    placed = await lab.switch.place(
        "client:bob", lab.webhook.url("/hello"), Timeout="30", StatusCallback=lab.webhook.url("/rejected")
    )
    await first.until("device.incoming", 2)
    await second.until("device.incoming", 2)
    await first.do("phone.call.reject()")
    await second.do("phone.call.ignore(); phone.device.destroy()")
    told = await lab.webhook.wait_for("/rejected", 1)
    assert (told.form["CallSid"], told.form["CallStatus"]) == (placed.json()["sid"], "busy")
    await lab.switch.place("client:bob", lab.webhook.url("/hello"), Timeout="5", StatusCallback=lab.webhook.url("/unanswered"))
    await first.until("device.incoming", 3)
    await first.until("call.cancel", 2)
    assert (await lab.webhook.wait_for("/unanswered")).form["CallStatus"] == "no-answer"
    assert [*first.errors, *second.errors] == []


async def test_outgoing_calls_that_are_not_answered(lab: Laboratory) -> None:
    alice, bob = await lab.phone("alice"), await lab.phone("bob")
    lab.webhook.answers["/app"] = "<Dial answerOnBridge='true'><Client>bob</Client></Dial>"
    await alice.do("dial({})")
    await alice.until("call.ringing")
    await bob.until("device.incoming")
    await bob.do("phone.call.reject()")
    assert (await alice.until("call.error"))["code"] == 31005
    await alice.until("call.disconnect")
    await alice.do("dial({})")
    await bob.until("device.incoming", 2)
    await alice.do("phone.call.disconnect()")
    await bob.until("call.cancel")
    lab.webhook.answers["/app"] = "<Reject reason='busy'/>"
    await alice.do("phone.device.updateOptions({enableImprovedSignalingErrorPrecision: true})")
    await alice.do("dial({})")
    assert (await alice.until("call.error", 2))["code"] == 31486
    log = [each["what"] for each in await alice.log()]
    assert "call.accept" not in log


@pytest.mark.parametrize("sdk", [VERSIONS[0], VERSIONS[-1]])
async def test_a_page_hears_a_telephone_that_rings_still(lab: Laboratory, sdk: str) -> None:
    async with telephone(600, early=True) as (desk, port):
        lab.webhook.answers["/app"] = f"<Dial answerOnBridge='true'><Sip>sip:desk@127.0.0.1:{port}</Sip></Dial>"
        alice = await lab.phone("alice", sdk=sdk, enableRingingState=True)
        await alice.do("dial({})")
        assert (await alice.until("call.ringing", 2))["value"] is True
        await alice.hears(600)
        assert "call.accept" not in [each["what"] for each in await alice.log()]
        desk.answer()
        await alice.until("call.accept")
        await asyncio.gather(alice.hears(600), hears_a_page(desk))
        assert alice.errors == []


async def test_tokens_that_are_wrong_run_out_and_are_replaced(lab: Laboratory) -> None:
    options = {"chunderw": lab.host, "tokenRefreshMs": 1000}
    for token, code in (("garbage", 20101), (lab.token("alice", ttl=-10), 20104)):
        phone = await lab.open()
        await phone.do("make(a[0], a[1]); phone.device.register().catch(() => log.push({what: 'rejected'}))", token, options)
        assert (await phone.until("device.error"))["code"] == code
        await phone.until("rejected")
    alice = await lab.open()
    await alice.do("make(a[0], a[1]); return phone.device.register()", lab.token("alice", ttl=3), options)
    await alice.until("device.tokenWillExpire")
    await alice.do("phone.device.updateToken(a[0])", lab.token("alice"))
    await connected(lab, alice)
    await alice.do("phone.device.updateToken(a[0])", lab.token("alice"))
    await alice.hears(440)
    assert await alice.do("return phone.device.identity") == "alice"
    assert await alice.do("return phone.device.state") == "registered"


async def test_messages_go_both_ways(lab: Laboratory) -> None:
    lab.webhook.answers["/letters"] = ""
    alice = await lab.phone("alice")
    sid = await connected(lab, alice)
    calls = f"/2010-04-01/Accounts/{SID}/Calls/{sid}"
    client, login = lab.switch.client, (SID, TOKEN)
    callback = {"Callback": lab.webhook.url("/letters")}
    assert (await client.post(f"{calls}/UserDefinedMessageSubscriptions.json", data=callback, auth=login)).status_code == 201
    await alice.do("phone.call.sendMessage({content: {a: 1}, messageType: 'user-defined-message'})")
    await alice.until("call.messageSent")
    assert json.loads((await lab.webhook.wait_for("/letters")).form["Content"]) == {"a": 1}
    assert (await client.post(f"{calls}/UserDefinedMessages.json", data={"Content": '{"b": 2}'}, auth=login)).status_code == 201
    await alice.until("call.messageReceived")
    assert any(each["what"] == "call.messageReceived" for each in await alice.log())
    await alice.do("phone.call.sendMessage({content: 'x'.repeat(10100), messageType: 'user-defined-message'})")
    assert (await alice.until("call.error"))["code"] == 31212


async def test_a_call_outlives_its_connection_and_moves_to_another_page(lab: Laboratory) -> None:
    alice = await lab.phone("alice", maxCallSignalingTimeoutMs=30_000)
    await connected(lab, alice)
    await alice.hears(440)
    await alice.do("phone.device._stream.transport._socket.close()")
    await alice.until("call.reconnecting")
    await alice.until("call.reconnected")
    await alice.until("device.registered", 2)
    await alice.hears(440)
    secret = await alice.do("return phone.call.connectToken")
    other = await lab.phone("alice")
    await other.do("phone.device.connect({connectToken: a[0], rtcConstraints: {audio: sound}}).then(watch)", secret)
    await alice.until("call.disconnect")
    await other.until("call.accept")
    await other.hears(440)
    await other.do("location.reload()")
    await lab.switch.wait_until_idle(10)


async def test_digits_reach_a_gather_and_a_preflight_completes(lab: Laboratory, tmp_path: Path) -> None:
    lab.webhook.answers["/keys"] = TONE
    lab.webhook.answers["/short.wav"] = write_tone(tmp_path / "short.wav", 440, 3, 8000)
    alice = await lab.phone("alice")
    await connected(lab, alice, "<Gather numDigits='5' finishOnKey='' action='/keys'/>")
    await alice.do("phone.call.sendDigits('12w#*3')")
    assert (await lab.webhook.wait_for("/keys")).form["Digits"] == "12#*3"
    await alice.do("phone.call.disconnect()")
    lab.webhook.answers["/app"] = "<Play>/short.wav</Play>"
    await alice.do(
        "const test = Twilio.Device.runPreflight(a[0], {chunderw: a[1], publishEvents: false});"
        "for (const name of ['connected', 'completed', 'failed']) test.on(name, value => note(`test.${name}`, value));",
        lab.token("alice"),
        lab.host,
    )
    await alice.until("test.completed")


async def test_audio_goes_on_after_an_ice_restart(lab: Laboratory) -> None:
    async with telephone(600) as (desk, port):
        alice = await lab.phone("alice")
        await connected(lab, alice, f"<Dial><Sip>sip:desk@127.0.0.1:{port}</Sip></Dial>")
        await asyncio.gather(alice.hears(600), hears_a_page(desk))
        before = await alice.do("return phone.call._mediaHandler.version.pc.localDescription.sdp.match(/ice-ufrag:(.*)/)[1]")
        await alice.do("phone.call._mediaHandler.iceRestart()")
        await alice.page.wait_for_function(
            "before => { const pc = phone.call._mediaHandler.version.pc; return pc.iceConnectionState === 'connected'"
            " && pc.signalingState === 'stable' && pc.localDescription.sdp.match(/ice-ufrag:(.*)/)[1] !== before; }",
            arg=before,
            timeout=15_000,
        )
        desk.forget()
        await asyncio.gather(alice.hears(600), hears_a_page(desk))
        assert await alice.do("return phone.call.status()") == "open"


async def test_a_page_that_reports_to_nobody_gets_no_error(lab: Laboratory) -> None:
    alice = await lab.phone("alice", publishEvents=True)
    await connected(lab, alice)
    await alice.hears(440)
    await alice.do("return phone.call.postFeedback(5, 'echo').then(() => log.push({what: 'posted'}))")
    await alice.until("posted")
    await alice.do("phone.call.disconnect()")
    await alice.until("call.disconnect")
    assert [error for error in alice.errors if "TwilioVoice" not in error] == []


async def test_a_page_that_names_the_switch_reports_to_it(lab: Laboratory) -> None:
    alice = await lab.phone("alice", publishEvents=True)
    await alice.do("phone.device.updateOptions({eventgw: a[0]})", lab.host)
    sid = await connected(lab, alice)
    await alice.do("phone.call.mute(true)")
    async with asyncio.timeout(10):
        while not any(entry.data.get("name") == "muted" for entry in lab.switch.journal(sid)):
            await asyncio.sleep(0.1)
    assert alice.errors == []


@pytest.mark.parametrize(("preferences", "codec"), [([], "PCMU"), (["opus", "pcmu"], "opus")], ids=["pcmu", "opus"])
async def test_the_page_chooses_the_codec(lab: Laboratory, preferences: list[str], codec: str) -> None:
    options: dict[str, Any] = {"codecPreferences": preferences} if preferences else {}
    alice = await lab.phone("alice", register=False, **options)
    sid = await connected(lab, alice)
    await alice.hears(440)
    await alice.do("phone.call.disconnect()")
    journal = await lab.switch.finished_journal(sid)
    assert [entry.data["codec"] for entry in journal if entry.kind == "quality"] == [codec]


async def test_other_ways_to_reach_the_switch(lab: Laboratory) -> None:
    sound = f"https://{lab.host}/client/sounds/incoming.wav"
    for options in (
        {"edge": f"@{lab.host}/signal?"},
        {"edge": f"localhost:{lab.https_port}/signal?"},
        {"chunderw": f"{lab.host}/pbx"},
        {"chunderw": ["127.0.0.1:9", lab.host], "sounds": {"incoming": sound}},
    ):
        phone = await lab.open()
        await phone.do("make(a[0], a[1]); return phone.device.register()", lab.token("alice"), options)
        await phone.until("device.registered", seconds=20)
    assert await phone.do("return fetch(a[0]).then(answer => answer.status)", sound) == 200
