"""The audio of pages in Chromium: codecs, and what happens when its way is lost."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.frame import Samples
from tests.browser.pages import MICROPHONE_HERTZ, Laboratory, Phone, write_tone
from tests.interop.switch import SID, TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="session")

STATISTICS = """
const connection = phone.call._mediaHandler.version.pc;
return connection.getStats().then(report => {
  const all = [...report.values()];
  const of = type => all.find(each => each.type === type && each.kind === "audio");
  const [sent, received] = [of("outbound-rtp"), of("inbound-rtp")];
  const codec = each => report.get(each.codecId).mimeType;
  return { sends: codec(sent), receives: codec(received), lost: received.packetsLost, fraction: of("remote-inbound-rtp")?.roundTripTime };
});
"""

WAY = "return /ice-ufrag:(.*)/.exec(phone.call._mediaHandler.version.pc.remoteDescription.sdp)[1];"
"""What the switch calls the way of the audio."""


async def statistics(phone: Phone) -> dict[str, Any]:
    """What Chromium tells of the streams of the call that is up."""
    found: dict[str, Any] = await phone.do(STATISTICS)
    return found


def strongest(samples: Samples, rate: int) -> float:
    """The strongest tone, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * rate / samples.size)


def read_wav(data: bytes) -> tuple[int, Samples]:
    """Samples per second, and those of the first channel."""
    with wave.open(io.BytesIO(data)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, file.getnchannels())
        return file.getframerate(), samples[:, 0]


@pytest.mark.parametrize(("preferences", "codec"), [(["pcmu", "opus"], "audio/PCMU"), (["opus", "pcmu"], "audio/opus")])
@pytest.mark.parametrize("called", [False, True])
async def test_the_page_chooses_the_codec(
    lab: Laboratory, tmp_path: Path, preferences: list[str], codec: str, called: bool
) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 10, 8000)
    lab.webhook.answers["/app"] = "<Play loop='0'>/tone.wav</Play>"
    alice = await lab.phone("alice", codecPreferences=preferences)
    if called:
        await lab.switch.place("client:alice", lab.webhook.url("/app"))
        await alice.until("device.incoming")
        await alice.do("accept()")
    else:
        await alice.do("dial({})")
    await alice.until("call.accept")
    await alice.hears(440)
    found = await statistics(alice)
    assert (found["sends"], found["receives"]) == (codec, codec)
    assert alice.errors == []


async def test_the_switch_hears_the_microphone(lab: Laboratory) -> None:
    lab.webhook.answers["/app"] = "<Record maxLength='2' timeout='0' playBeep='false' action='/recorded'/>"
    lab.webhook.answers["/recorded"] = "<Hangup/>"
    alice = await lab.phone("alice")
    await alice.do("dial({})")
    await alice.until("call.disconnect")
    url = lab.webhook.visited("/recorded")[0].form["RecordingUrl"]
    while (found := await lab.switch.client.get(f"{url}.wav", auth=(SID, TOKEN))).status_code == 404:
        await asyncio.sleep(0.05)
    rate, said = read_wav(found.content)
    assert strongest(said, rate) == pytest.approx(MICROPHONE_HERTZ, abs=5)


async def test_two_pages_hear_each_other_on_another_way_after_a_restart_of_ice(lab: Laboratory) -> None:
    lab.webhook.answers["/app"] = "<Dial><Client>bob</Client></Dial>"
    alice, bob = await lab.phone("alice"), await lab.phone("bob")
    await alice.do("dial({})")
    await bob.until("device.incoming")
    await bob.do("accept()")
    await alice.until("call.accept")
    ways = []
    for phone in (alice, bob, alice):
        await alice.hears(MICROPHONE_HERTZ)
        await bob.hears(MICROPHONE_HERTZ)
        ways.append(await phone.do(WAY))
        await phone.do("phone.call._mediaHandler.iceRestart()")
        await phone.page.wait_for_function(f"before => (() => {{ {WAY} }})() !== before", arg=ways[-1])
    await alice.hears(MICROPHONE_HERTZ)
    await bob.hears(MICROPHONE_HERTZ)
    assert len({*ways}) == 3
    await bob.do("phone.call.disconnect()")
    await alice.until("call.disconnect")
    assert alice.errors == bob.errors == []


async def test_how_good_the_audio_was_is_told(lab: Laboratory) -> None:
    lab.webhook.answers["/app"] = "<Gather timeout='3'/>"
    alice = await lab.phone("alice")
    await alice.do("dial({})")
    await alice.until("call.disconnect")
    sid = lab.webhook.visited("/app")[0].form["CallSid"]
    told: dict[str, Any] = [dict(entry.data) for entry in await lab.switch.finished_journal(sid) if entry.kind == "quality"][-1]
    assert told["codec"] == "PCMU"
    assert min(told["received"], told["sent"]) > 50
    assert told["mos"] > 1
    assert told["heard_from"] == told["declared"] != ""
