"""Machine detection on one line: from what it hears to a verdict, the journal and whoever waits for it (spec section 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from markup.verbs import Telephone
from media.answering import AnswerDetector, Mode, Thresholds, Verdict
from media.meter import BLOCK_MS, Sound
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.web.parameters import Pairs

SOUNDS_PER_ENTRY = 10
"""One journal entry a second."""

Over = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a call's answer is to be examined."""

    mode: Mode
    thresholds: Thresholds = field(default_factory=Thresholds)
    waits: bool = False
    """The call's document is requested only after the verdict."""
    callback: str = ""
    """Where the verdict is told; empty is nowhere."""
    callback_method: str = "POST"


def plan_for(target: Telephone) -> Plan | None:
    """What a noun of Dial asks for; it never waits for the verdict. With keys to be sent there is no detection."""
    if not target.machine_detection or target.send_digits:
        return None
    thresholds = Thresholds(
        speech=target.machine_detection_speech_threshold,
        speech_end=target.machine_detection_speech_end_threshold,
        silence=target.machine_detection_silence_timeout,
        timeout=1000 * target.machine_detection_timeout,
    )
    mode: Mode = "Enable" if target.machine_detection == "Enable" else "DetectMessageEnd"
    return Plan(mode, thresholds, False, target.amd_status_callback, target.amd_status_callback_method)


class Detection:
    """Listens to the far end of a line that has been answered, until it is known who that is.

    ``over`` is told the verdict, but not of a call that ends before there is one: for the journal and the callback that is
    ``unknown``.
    """

    def __init__(self, line: Line, plan: Plan, resources: Resources, over: Over = lambda verdict: None) -> None:
        self._line = line
        self._plan = plan
        self._resources = resources
        self._over = over
        self._detector = AnswerDetector(plan.mode, plan.thresholds)
        self._written = 0
        """Sounds that are in the journal."""
        limits = plan.thresholds
        line.call.journal.add(
            "detection",
            mode=plan.mode,
            speech=limits.speech,
            speech_end=limits.speech_end,
            silence=limits.silence,
            timeout=limits.timeout,
        )
        self._stop = resources.studio.taps.measure(line.row, self._hear)
        line.on_end.append(self._lose)

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        self._stop()
        self._line.on_end.remove(self._lose)

    def _hear(self, sound: Sound) -> None:
        verdict = self._detector.hear(sound)
        if verdict is not None or len(self._detector.cadence.sounds) - self._written == SOUNDS_PER_ENTRY:
            self._write()
        if verdict is not None:
            self._conclude(verdict)
            self._over(verdict)

    def _lose(self) -> None:
        self._write()
        self._conclude(Verdict("unknown", self._detector.elapsed, (*self._detector.reasons, "the call ended")))

    def _conclude(self, verdict: Verdict) -> None:
        self.cancel()
        call, plan = self._line.call, self._plan
        call.answered_by = verdict.answered_by
        self._resources.ledger.note(call)
        call.journal.add(
            "answered-by", answered_by=verdict.answered_by, milliseconds=verdict.milliseconds, reasons=list(verdict.reasons)
        )
        self._resources.metrics.detections.labels(answered_by=verdict.answered_by).inc()
        if plan.callback:
            pairs = [("AccountSid", call.account_sid), ("CallSid", call.sid), *detection_parameters(verdict)]
            self._resources.callbacks.send(call.sid, plan.callback, plan.callback_method, pairs, journal=call.journal)

    def _write(self) -> None:
        cadence, start = self._detector.cadence, self._written
        sounds = cadence.sounds[start:]
        self._written += len(sounds)
        if sounds:
            tones = [sound.tone for sound in sounds if sound.tone is not None and sound.tone.over]
            self._line.call.journal.add(
                "sounds",
                milliseconds=start * BLOCK_MS,
                levels=" ".join(f"{sound.level:.0f}" for sound in sounds),
                kinds=cadence.kinds(start),
                limit=round(cadence.limit),
                tones=", ".join(f"{tone.hertz:.0f} Hz {tone.milliseconds} ms" for tone in tones),
            )


def detection_parameters(verdict: Verdict) -> Pairs:
    """The parameters that tell a verdict."""
    return [("AnsweredBy", verdict.answered_by), ("MachineDetectionDuration", str(verdict.milliseconds))]
