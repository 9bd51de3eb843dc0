"""Real phones are recorded, and the files are what they said."""

from __future__ import annotations

import asyncio
import io
import os
import wave
from pathlib import Path

import httpx
import numpy as np
import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from media.frame import Samples
from tests.interop.sipp import play
from tests.interop.switch import SID, TOKEN, RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy, hears
from tests.webhook import Webhook

ALICE, BOB = 500, 900


def read(audio: bytes) -> Samples:
    """Shape (channels, n)."""
    with wave.open(io.BytesIO(audio)) as file:
        assert file.getframerate() == 8000
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels()).T.astype(np.int16)


def pitch(samples: Samples) -> float:
    """The strongest frequency of the middle of a channel."""
    middle = samples[samples.size // 4 : samples.size * 3 // 4].astype(float)
    return float(np.abs(np.fft.rfft(middle * np.hanning(middle.size))).argmax() * 8000 / middle.size)


def loudness(samples: Samples, hertz: int) -> float:
    """The amplitude of one frequency."""
    return float(
        2 * abs(np.dot(samples.astype(float), np.exp(-2j * np.pi * hertz * np.arange(samples.size) / 8000))) / samples.size
    )


async def download(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False, auth=(SID, TOKEN), timeout=20) as client:
        return await client.get(url)


async def lets_go(switch: RunningSwitch) -> None:
    """Wait until the process holds no recording open; that of a download is closed a moment after its last byte."""
    async with asyncio.timeout(10):
        while open_recordings(switch):
            await asyncio.sleep(0.05)


def open_recordings(switch: RunningSwitch) -> list[str]:
    folder = Path(f"/proc/{switch.process.pid}/fd")
    return [
        target for target in (os.readlink(entry) for entry in folder.iterdir() if entry.is_symlink()) if "/recordings/" in target
    ]


async def test_a_message_is_recorded_and_can_be_fetched(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Record action='/next' finishOnKey='#' recordingStatusCallback='/rec'/>"
    webhook.answers.update({"/next": "<Hangup/>", "/rec": ""})
    alice = phone.dial("+15550100")
    alice.say(ALICE)
    await alice.answered()
    await hears(alice, 1000)
    await asyncio.sleep(3)
    alice.press("#")
    action, told = (await webhook.wait_for("/next")).form, (await webhook.wait_for("/rec")).form
    await alice.ended()
    assert (action["Digits"], told["RecordingStatus"]) == ("#", "completed")
    assert action["RecordingUrl"] == told["RecordingUrl"]
    recorded = read((await download(action["RecordingUrl"])).content)
    assert recorded.shape[0] == 1
    assert recorded.shape[1] / 8000 == pytest.approx(int(action["RecordingDuration"]), abs=0.6)
    assert pitch(recorded[0]) == pytest.approx(ALICE, abs=2)
    small = await download(told["RecordingUrl"] + ".mp3")
    assert (small.status_code, small.headers["content-type"]) == (200, "audio/mpeg")
    await lets_go(switch)


async def test_both_sides_of_a_dial_have_their_channel(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    bob = phone.target("bob", Policy("answer", tone=BOB))
    webhook.answers["/voice"] = f"<Dial action='/next' record='record-from-answer-dual'><Sip>{bob}</Sip></Dial>"
    webhook.answers["/next"] = "<Hangup/>"
    alice = phone.dial("+15550100")
    alice.say(ALICE)
    answered = await phone.called("bob")
    await hears(answered, ALICE)
    await hears(alice, BOB)
    await asyncio.sleep(2)
    answered.hang_up()
    action = (await webhook.wait_for("/next")).form
    await alice.ended()
    async with asyncio.timeout(10):
        while (answer := await download(action["RecordingUrl"])).status_code == 404:
            await asyncio.sleep(0.05)
    recorded = read(answer.content)
    assert [round(pitch(channel) / 10) * 10 for channel in recorded] == [ALICE, BOB]
    middle = recorded[:, recorded.shape[1] // 4 : recorded.shape[1] * 3 // 4]
    assert loudness(middle[0], BOB) < 0.01 * loudness(middle[0], ALICE)
    assert loudness(middle[1], ALICE) < 0.01 * loudness(middle[1], BOB)
    await lets_go(switch)


async def test_the_sdk_reads_what_is_kept(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Start><Recording recordingStatusCallback='/rec'/></Start><Say>One two three four.</Say>"
    webhook.answers["/rec"] = ""
    alice = phone.dial("+15550100")
    alice.say(ALICE)
    told = (await webhook.wait_for("/rec")).form
    await alice.ended()
    http = TwilioHttpClient(pool_connections=False)
    http.session = None

    def fetch() -> object:
        client = Client(SID, TOKEN, http_client=http)
        client.api.base_url = f"http://127.0.0.1:{switch.http_port}"
        return client.api.v2010.accounts(SID).recordings(told["RecordingSid"]).fetch()

    recording = await asyncio.to_thread(fetch)
    assert (recording.status, recording.source, recording.channels) == ("completed", "StartCallRecordingTwiML", 2)  # type: ignore[attr-defined]
    assert recording.duration == told["RecordingDuration"]  # type: ignore[attr-defined]
    assert recording.media_url == told["RecordingUrl"]  # type: ignore[attr-defined]


async def test_a_caller_who_sends_no_packets_is_not_silent(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Record playBeep='false' timeout='1' maxLength='4' action='/next'/>"
    webhook.answers["/next"] = "<Hangup/>"
    played = await play("listen", tmp_path, switch.address)
    assert played.status == 0, played.output
    assert webhook.visited("/next")[0].form["RecordingDuration"] == "4"


async def test_a_killed_switch_leaves_a_playable_file_and_completes_it_when_it_starts_again(
    tmp_path: Path, webhook: Webhook
) -> None:
    webhook.answers.update({"/voice": "<Record timeout='0' recordingStatusCallback='/rec'/>", "/rec": ""})
    numbers = {"+15550100": webhook.url("/voice")}
    async with running_switch(tmp_path, numbers) as switch:
        phone = PhoneProcess(switch.address, free_port(), lambda user: "")
        await phone.start()
        alice = phone.dial("+15550100")
        alice.say(ALICE)
        await hears(alice, 1000)
        await asyncio.sleep(4)
        switch.process.kill()
        await switch.process.wait()
        await phone.stop()
    (path,) = (tmp_path / "data" / "recordings").glob("RE*.wav")
    cut_off = read(path.read_bytes())
    assert cut_off.shape[1] >= 3 * 8000
    assert pitch(cut_off[0]) == pytest.approx(ALICE, abs=2)
    async with running_switch(tmp_path, numbers) as switch:
        told = (await webhook.wait_for("/rec")).form
        assert (told["RecordingStatus"], told["RecordingSid"]) == ("completed", path.stem)
        answer = await download(f"http://127.0.0.1:{switch.http_port}/2010-04-01/Accounts/{SID}/Recordings/{path.stem}")
        assert pitch(read(answer.content)[0]) == pytest.approx(ALICE, abs=2)


async def test_a_switch_that_is_told_to_end_completes_its_recordings(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers.update(
        {"/voice": "<Record timeout='0' action='/next' recordingStatusCallback='/rec'/>", "/rec": "", "/next": ""}
    )
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, "[limits]\ndrain_seconds = 0") as switch:
        phone = PhoneProcess(switch.address, free_port(), lambda user: "")
        await phone.start()
        alice = phone.dial("+15550100")
        alice.say(ALICE)
        await hears(alice, 1000)
        await asyncio.sleep(2)
        switch.terminate()
        await alice.ended()
        async with asyncio.timeout(20):
            await switch.process.wait()
        await phone.stop()
    assert webhook.visited("/rec")[0].form["RecordingStatus"] == "completed"
    assert webhook.visited("/next")[0].form["Digits"] == "hangup"
