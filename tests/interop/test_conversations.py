"""People hear what they should: speech and files by length and loudness, each other by the pitch of their voices."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.interop import baresip
from tests.interop.switch import RunningSwitch, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy, hears
from tests.telephone import Caller
from tests.webhook import Webhook

LOUD = 300


def loud_seconds(sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    """Seconds from the first to the last frame that is not silent."""
    frames = np.abs(sound[: len(sound) // 160 * 160].reshape(-1, 160).astype(float)).mean(axis=1) > LOUD
    heard = np.flatnonzero(frames)
    return float(heard[-1] - heard[0] + 1) / 50 if len(heard) else 0.0


async def test_speech_takes_the_time_it_takes(switch: RunningSwitch, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Say>One two three four five six seven eight nine ten.</Say>"
    caller = Caller("+15550100", switch.sip_port, 1)
    await caller.call()
    await asyncio.wait_for(caller.ended, 20)
    assert 2.5 < loud_seconds(caller.sound) < 7


async def test_silence_is_sent_from_the_moment_of_answer(switch: RunningSwitch, webhook: Webhook) -> None:
    """Some peers and NATs wait for our first packet: we do not wait for theirs."""
    webhook.answers["/voice"] = "<Gather timeout='60'/>"
    caller = Caller("+15550100", switch.sip_port, 1)
    await caller.call()
    async with asyncio.timeout(5):
        while len(caller.sound) < 4000:
            await asyncio.sleep(0.02)
    assert loud_seconds(caller.sound) == 0
    caller.hang_up()


async def test_a_file_is_heard_from_beginning_to_end(switch: RunningSwitch, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Play loop='2'>/tone.wav</Play>"
    webhook.answers["/tone.wav"] = _wav(700, 1.5, 44_100)
    caller = Caller("+15550100", switch.sip_port, 1)
    await caller.call()
    await asyncio.wait_for(caller.ended, 20)
    assert loud_seconds(caller.sound) == pytest.approx(3.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(caller.sound.astype(float)))
    assert np.argmax(spectrum) * 8000 / len(caller.sound) == pytest.approx(700, abs=5)


async def test_baresip_hears_the_prompt(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Play>/tone.wav</Play><Gather timeout='60'/>"
    webhook.answers["/tone.wav"] = _wav(700, 2.0, 8000)
    heard = await baresip.call(f"sip:+15550100@{switch.address}", tmp_path / "baresip", seconds=5)
    assert loud_seconds(heard) == pytest.approx(2.0, abs=0.1)
    assert np.argmax(np.abs(np.fft.rfft(heard.astype(float)))) * 8000 / len(heard) == pytest.approx(700, abs=5)


async def test_baresip_is_heard_by_a_second_phone(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook, tmp_path: Path
) -> None:
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = f"<Dial><Sip>{bob}</Sip></Dial>"
    calling = asyncio.create_task(baresip.call(f"sip:+15550100@{switch.address}", tmp_path / "baresip", seconds=8, hertz=450))
    await hears(await phone.called("bob"), 450)
    heard = await calling
    second = heard[len(heard) // 2 :]
    assert np.argmax(np.abs(np.fft.rfft(second.astype(float)))) * 8000 / len(second) == pytest.approx(900, abs=10)


async def test_a_pair_hear_each_other_and_nothing_of_a_third_call(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = f"<Dial><Sip>{bob}</Sip></Dial>"
    alice = phone.dial("+15550100")
    alice.say(500)
    answered = await phone.called("bob")
    webhook.answers["/voice"] = "<Gather timeout='60'/>"
    carol = phone.dial("+15550100")
    carol.say(1300)
    await carol.answered()
    await hears(alice, 900)
    await hears(answered, 500)
    assert await carol.heard() == 0
    assert (await alice.heard(), await answered.heard()) == (900, 500)
    alice.press("7")
    assert await answered.digits(1) == "7"
    answered.hang_up()
    await alice.ended()


async def test_a_held_caller_comes_back(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = f"<Dial><Sip>{bob}</Sip></Dial>"
    alice = phone.dial("+15550100")
    alice.say(500)
    answered = await phone.called("bob")
    await hears(answered, 500)
    await alice.hold(True)
    await hears(alice, 0)
    await alice.hold(False)
    await hears(answered, 500)
    await hears(alice, 900)
    alice.hang_up()
    await answered.ended()


async def test_the_sample_menu_from_end_to_end(tmp_path: Path) -> None:
    """What the README promises: dial, hear the menu, press a key, hear the tune, talk to a second phone."""
    sip_port, http_port, phone_port = free_port(), free_port(), free_port()
    environment = {
        **os.environ,
        "STROWGER_SIP__PORT": str(sip_port),
        "STROWGER_HTTP__PORT": str(http_port),
        "STROWGER_DATA_DIR": str(tmp_path / "data"),
        "SECOND_PHONE": f"sip:second@127.0.0.1:{phone_port}",
    }
    pipe = asyncio.subprocess.PIPE
    sample = await asyncio.create_subprocess_exec(sys.executable, "-m", "samples", stdout=pipe, env=environment)
    phone = PhoneProcess(f"127.0.0.1:{sip_port}", phone_port, lambda user: "")
    try:
        await phone.start()
        assert sample.stdout is not None
        printed = ""
        while "Stop" not in printed:
            printed += (await asyncio.wait_for(sample.stdout.readline(), 20)).decode()
        address = re.search(r"sip:(\S+)@127.0.0.1:(\d+)", printed)
        assert address is not None
        assert int(address[2]) == sip_port
        phone.target("second", Policy("answer", tone=900))
        caller = phone.dial(address[1])
        caller.say(500)
        await caller.answered()
        while not await caller.heard():
            pass
        caller.press("1")
        while await caller.heard() not in (500, 550, 650, 800, 1050):
            pass
        await asyncio.sleep(4)
        caller.press("2")
        second = await phone.called("second")
        await hears(caller, 900)
        await hears(second, 500)
        second.hang_up()
        await caller.ended()
    finally:
        sample.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(sample.wait(), 20) == 0
        await phone.stop()


async def test_a_failing_webhook_is_apologised_for(tmp_path: Path) -> None:
    with_nobody = f"http://127.0.0.1:{free_port()}/voice"
    async with running_switch(tmp_path, {"+15550100": with_nobody}) as switch:
        caller = Caller("+15550100", switch.sip_port, 1)
        await caller.call()
        await asyncio.wait_for(caller.ended, 20)
        assert 2 < loud_seconds(caller.sound) < 8


def _wav(hertz: float, seconds: float, rate: int) -> bytes:
    samples = 8000 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype(np.int16).tobytes())
    return file.getvalue()
