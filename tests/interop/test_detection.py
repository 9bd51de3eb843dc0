"""Who has answered, with a telephone that plays a greeting over real RTP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.interop import baresip
from tests.interop.switch import RunningSwitch, events
from tests.media.recordings import said
from tests.webhook import Webhook

GREETING = "Hi, you have reached the voice mail of Robert Smith. Please leave a message after the tone."


def _voice(text: str) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    quiet = np.zeros(4800, np.int16)
    return np.concatenate((quiet, (16_000 * said(text, "en-us")).astype(np.int16), quiet))


def _beep() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return (8000 * np.sin(2 * np.pi * 1000 * np.arange(4000) / 8000)).astype(np.int16)


@pytest.mark.parametrize(
    ("mode", "saying", "answered_by", "reason"),
    [
        ("Enable", _voice("Hello?"), "human", "s of silence"),
        ("DetectMessageEnd", np.concatenate((_voice(GREETING), _beep())), "machine_end_beep", "a beep of 1000 Hz"),
    ],
)
async def test_a_telephone_that_plays_a_greeting_is_told_for_what_it_is(
    switch: RunningSwitch,
    webhook: Webhook,
    tmp_path: Path,
    mode: str,
    saying: np.ndarray[tuple[int], np.dtype[np.int16]],
    answered_by: str,
    reason: str,
) -> None:
    webhook.answers["/outbound"] = "<Hangup/>"
    async with baresip.answering(tmp_path / "baresip", saying, 30) as uri:
        placed = await switch.place(uri, webhook.url("/outbound"), MachineDetection=mode, StatusCallback=webhook.url("/placed"))
        assert placed.status_code == 201, placed.text
        await webhook.wait_for("/placed", 1, 25)
    form = webhook.visited("/outbound")[0].form
    assert form["AnsweredBy"] == answered_by
    assert int(form["MachineDetectionDuration"]) > 0
    assert webhook.visited("/placed")[0].form["AnsweredBy"] == answered_by
    journal = await switch.finished_journal(form["CallSid"])
    (verdict,) = events(journal, "answered-by")
    assert reason in str(verdict["reasons"])
    assert "s" in "".join(str(sounds["kinds"]) for sounds in events(journal, "sounds"))
