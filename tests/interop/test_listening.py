"""A telephone that answers in words, over real RTP."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from media.frame import Samples
from media.wav import header
from tests.interop import baresip
from tests.interop.switch import RunningSwitch, events, running_switch
from tests.media.recordings import said
from tests.webhook import Webhook


async def test_a_telephone_that_speaks_is_understood(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    """It interrupts the question, and what it says comes to the action."""
    question = "<Say>Please say sales, support or operator. You can interrupt me at any time, for I go on and on.</Say>"
    gather = '<Gather input="dtmf speech" action="/said" hints="sales, support, operator" speechTimeout="4"'
    webhook.answers["/outbound"] = f'{gather} partialResultCallback="/partial">{question}</Gather>'
    webhook.answers["/said"] = "<Hangup/>"
    saying = np.concatenate((np.zeros(12000), 16_000 * said("operator", "en-us"), np.zeros(80000))).astype(np.int16)
    async with baresip.answering(tmp_path / "baresip", saying, 30) as uri:
        placed = await switch.place(uri, webhook.url("/outbound"), StatusCallback=webhook.url("/placed"))
        assert placed.status_code == 201, placed.text
        await webhook.wait_for("/placed", 1, 25)
    form = webhook.visited("/said")[0].form
    assert form["SpeechResult"] == "operator"
    assert "operator" in [visit.form["UnstableSpeechResult"] for visit in webhook.visited("/partial")]
    journal = await switch.finished_journal(form["CallSid"])
    kinds = [entry.kind for entry in journal]
    assert kinds.index("voice") < kinds.index("words") < kinds.index("speech")
    (played,) = [entry for entry in journal if entry.kind in ("playing", "played")]
    assert played.kind == "playing", "the question was interrupted"
    assert events(journal, "speech")[0]["recognizer"] == "pocketsphinx"


def tonal(heard: Samples) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which blocks of 20 ms are a tone of 440 Hz and nothing else."""
    blocks = heard[: heard.size - heard.size % 160].reshape(-1, 160).astype(float)
    power = np.abs(np.fft.rfft(blocks * np.hanning(160))) ** 2
    loud = np.abs(blocks).mean(axis=1) > 1000
    return np.asarray(loud & (power[:, 7:12].sum(axis=1) > 0.95 * power.sum(axis=1)), bool)


async def test_behind_a_cough_on_the_telephone_the_prompt_goes_on_where_it_was(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path
) -> None:
    """All of the tone is heard, with a pause in it; and what is said later ends what is heard then."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(5 * 8000) / 8000)).astype(np.int16)
    webhook.answers["/tone.wav"] = header(8000, 1, tone.size) + tone.tobytes()
    question = "<Play>/tone.wav</Play><Say>Please say sales, support or operator. Take all the time you need for that.</Say>"
    webhook.answers["/outbound"] = f'<Gather input="speech" action="/said" hints="sales, support, operator">{question}</Gather>'
    webhook.answers["/said"] = "<Hangup/>"
    cough = np.random.default_rng(1).normal(0, 4000, 2400)
    saying = np.concatenate((np.zeros(24000), cough, np.zeros(40000), 16_000 * said("operator", "en-us"), np.zeros(80000)))
    async with baresip.answering(tmp_path / "baresip", saying.astype(np.int16), 30) as uri:
        placed = await switch.place(uri, webhook.url("/outbound"), StatusCallback=webhook.url("/placed"))
        assert placed.status_code == 201, placed.text
        await webhook.wait_for("/placed", 1, 25)
    form = webhook.visited("/said")[0].form
    assert form["SpeechResult"] == "operator"
    journal = await switch.finished_journal(form["CallSid"])
    waits = [entry["on"] for entry in events(journal, "waiting")]
    assert waits[:3] == [True, False, True], "a busy recogniser may add to that"
    assert waits[-1]
    assert [entry["what"] for entry in events(journal, "played")] == [webhook.url("/tone.wav")], "the question was interrupted"
    (recording,) = (tmp_path / "baresip").glob("dump-*-dec.wav")
    tones = tonal(np.frombuffer(recording.read_bytes()[44:], np.int16))
    assert 235 <= np.count_nonzero(tones) <= 255, "all of the tone was heard, but for what the network lost"
    assert np.diff(np.flatnonzero(tones)).max() > 25, "with a pause in it"


async def test_what_is_said_on_the_telephone_and_to_it_is_told_as_text(
    switch: RunningSwitch, webhook: Webhook, tmp_path: Path
) -> None:
    """Both tracks of a real-time transcription; the last words before the end of the call too."""
    start = "<Start><Transcription statusCallbackUrl='/written'/></Start>"
    webhook.answers["/outbound"] = (
        f"{start}<Say>Thank you very much for calling. Please wait for the operator.</Say><Pause length='5'/>"
    )
    webhook.answers["/written"] = ""
    saying = np.concatenate((np.zeros(24000), 16_000 * said("one two three four five six", "en-us"), np.zeros(80000)))
    async with baresip.answering(tmp_path / "baresip", saying.astype(np.int16), 30) as uri:
        placed = await switch.place(uri, webhook.url("/outbound"), StatusCallback=webhook.url("/placed"))
        assert placed.status_code == 201, placed.text
        await webhook.wait_for("/placed", 1, 25)
    await webhook.wait_for("/written", 4, 25)
    forms = [visit.form for visit in webhook.visited("/written")]
    assert [form["TranscriptionEvent"].removeprefix("transcription-") for form in (forms[0], forms[-1])] == ["started", "stopped"]
    heard: dict[str, list[str]] = {"inbound_track": [], "outbound_track": []}
    for form in forms[1:-1]:
        heard[form["Track"]] += json.loads(form["TranscriptionData"])["transcript"].split()
    assert {"two", "three", "four", "five", "six"} & set(heard["inbound_track"])
    assert {"thank", "you", "calling", "please", "wait", "operator"} & set(heard["outbound_track"])
    async with asyncio.timeout(10):  # the last words are written down after the end of the call
        while _transcripts(switch, forms[0]["CallSid"]) != len(forms) - 2:
            await asyncio.sleep(0.1)


def _transcripts(switch: RunningSwitch, call_sid: str) -> int:
    return sum("transcript" in entry for entry in events(switch.journal(call_sid), "transcription"))


@pytest.mark.parametrize(
    ("table", "engine", "complaint"),
    [
        ("recognizer", "vosk", "{} is no model folder"),
        ("recognizer", "whisper", "{} is no model folder"),
        ("synthesizer", "piper", "there is no {}"),
    ],
)
async def test_a_missing_model_is_one_clear_sentence_at_the_start(
    tmp_path: Path, table: str, engine: str, complaint: str
) -> None:
    model = tmp_path / "nowhere"
    written = f'[[{table}]]\nname = "mine"\nengine = "{engine}"\nmodel = "{model}"'
    with pytest.raises(RuntimeError) as ended:
        async with running_switch(tmp_path, {}, written):
            pass
    (sentence,) = [line for line in str(ended.value).splitlines() if "mine" in line]
    assert sentence.startswith(f"the switch ended at once: strowger: {table} 'mine': {engine}: {complaint.format(model)}")
    assert "Traceback" not in str(ended.value)
