"""SSML as a telephone hears it, and a switch that refuses to start with a voice that nobody has."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.interop.switch import RunningSwitch, running_switch
from tests.telephone import Caller
from tests.webhook import Webhook

QUIET = 300


def silences(sound: np.ndarray[tuple[int], np.dtype[np.int16]]) -> list[float]:
    """Seconds of each silence of more than 300 ms between sounds."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > QUIET)
    return [float(step) / 8000 for step in np.diff(loud) if step > 2400]


async def test_breaks_and_prosody_reach_the_phone(switch: RunningSwitch, webhook: Webhook) -> None:
    webhook.answers["/voice"] = (
        "<Say voice='Polly.Joanna'>One two <break time='1500ms'/> <prosody volume='-12dB'>one two</prosody>"
        "<break time='700ms'/> <say-as interpret-as='expletive'>darn</say-as></Say>"
    )
    caller = Caller("+15550100", switch.sip_port, 1)
    await caller.call()
    await asyncio.wait_for(caller.ended, 20)
    assert silences(caller.sound) == pytest.approx([1.5, 0.7], abs=0.1)
    loud = np.flatnonzero(np.abs(caller.sound.astype(int)) > QUIET)
    first, second = (int(place) for place in np.flatnonzero(np.diff(loud) > 2400))
    parts = [caller.sound[loud[a] : loud[b] + 1].astype(float) for a, b in ((0, first), (first + 1, second), (second + 1, -1))]
    energies = [float(np.sqrt(np.mean(part**2))) for part in parts]
    assert energies[1] / energies[0] == pytest.approx(0.25, abs=0.06)
    assert np.argmax(np.abs(np.fft.rfft(parts[2]))) * 8000 / len(parts[2]) == pytest.approx(1000, abs=10)


async def test_a_voice_that_the_engine_does_not_have_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Polly\.Joanna.*en-us\+nobody"):
        async with running_switch(tmp_path, {}, '[speech.voices]\n"Polly.Joanna" = "en-us+nobody"'):
            pass
