"""Real-time transcription: what is said in a call is told to the customer as text while the call goes on (spec section 2.14)."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markup.commands import RecordingTrack, Report, TranscriptionPlan
from markup.readers import hints_of
from media.recognition.engine import Task, Transcript
from media.track import Track
from voice.calls.call import Call
from voice.calls.line import Line
from voice.identifiers import new_sid
from voice.listening.profanity import mask
from voice.listening.recognizers import Chosen
from voice.listening.stenographer import Readers, Stenographer
from voice.sound.studio import Studio
from voice.story.metrics import Metrics
from voice.story.reports import report
from voice.web.callbacks import CallbackSender
from voice.web.parameters import timestamp

PROVIDER_ERROR = 32651
PARTIAL_SECONDS = 0.25
"""Between two partial results of a track at least."""

TrackName = Literal["inbound_track", "outbound_track"]
Pairs = list[tuple[str, str]]

TRACKS: dict[RecordingTrack, tuple[TrackName, ...]] = {
    "inbound": ("inbound_track",),
    "outbound": ("outbound_track",),
    "both": ("inbound_track", "outbound_track"),
}


@dataclass(frozen=True, slots=True)
class Bureau:
    """What every transcription needs of the server."""

    studio: Studio
    callbacks: CallbackSender
    metrics: Metrics
    wall: Callable[[], datetime]


class LiveTranscription:
    """One transcription; it ends with the line it is of, at the latest. ``over`` is told once that it has ended."""

    def __init__(
        self, line: Line, plan: TranscriptionPlan, bureau: Bureau, over: Callable[[LiveTranscription], None] = lambda ended: None
    ) -> None:
        self.sid = new_sid("GT")
        self.plan = plan
        self.call: Call = line.call
        self.updated = bureau.wall()
        self.status: Literal["in-progress", "stopped"] = "in-progress"
        self._line = line
        self._bureau = bureau
        self._over = over
        self._sequence = itertools.count(1)
        self._recognizer = ""
        self._told_at: dict[TrackName, float] = {}
        """When the last partial result of a track was told."""
        self._writers: dict[TrackName, Stenographer] = {}

    @property
    def name(self) -> str:
        """What it is called; its SID when nobody named it."""
        return self.plan.name or self.sid

    @property
    def tracks(self) -> tuple[TrackName, ...]:
        """What is written down."""
        return TRACKS[self.plan.track]

    def start(self, chosen: Chosen) -> None:
        """Begin to write down, as it is understood by ``chosen``."""
        self._recognizer = chosen.name
        self._line.on_end.append(self.stop)
        self._tell("transcription-started", self._describe(), recognizer=chosen.name)
        plan, studio = self.plan, self._bureau.studio
        task = Task(studio.bus.rate, chosen.language, hints_of(plan.hints), plan.model, only_hints=False)
        for name in self.tracks:
            track = Track(self._line.row, name == "outbound_track")
            self._writers[name] = Stenographer(studio, track, chosen.desk, task, self._readers(name))

    def stop(self) -> None:
        """Listen no longer; what was said so far is still told."""
        if self.status == "in-progress":
            self._leave()
            for writer in list(self._writers.values()):
                writer.finish()

    def abandon(self) -> None:
        """End at once, whatever is not understood yet."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self._end()

    def fail(self, code: int, error: str) -> None:
        """Tell that something is not written down."""
        self._tell(
            "transcription-error",
            [("TranscriptionErrorCode", str(code)), ("TranscriptionError", error)],
            code=code,
            error=error,
        )

    def _readers(self, name: TrackName) -> Readers:
        return Readers(
            partial=lambda words: self._tell_partial(name, words),
            final=lambda transcript: self._tell_final(name, transcript),
            lost=lambda error: self._lose(name, error),
            over=lambda: self._close(name),
        )

    def _tell_partial(self, name: TrackName, words: str) -> None:
        now = asyncio.get_running_loop().time()
        if self.plan.partial_results and now - self._told_at.get(name, 0.0) >= PARTIAL_SECONDS:
            self._told_at[name] = now
            self._tell_content(name, {"transcript": self._filter(words)}, [("Final", "false"), ("Stability", "0")])

    def _tell_final(self, name: TrackName, transcript: Transcript) -> None:
        self._count("understood" if transcript.text else "nothing")
        if not transcript.text:
            return
        data: dict[str, str | float] = {"transcript": self._filter(transcript.text)}
        if transcript.confidence is not None:
            data["confidence"] = round(transcript.confidence, 4)
        facts = [("Final", "true")]
        if self.plan.provider_data:
            words = [{"word": self._filter(word.text), "start": word.start, "end": word.end} for word in transcript.words]
            told = json.dumps({"recognizer": self._recognizer, "words": words}, ensure_ascii=False)
            facts.append(("TranscriptionProviderData", told))
        self._tell_content(name, data, facts)

    def _tell_content(self, name: TrackName, data: dict[str, str | float], facts: Pairs) -> None:
        written = json.dumps(data, ensure_ascii=False)
        told = [("LanguageCode", self.plan.language), ("Track", name), ("TranscriptionData", written), *facts]
        self._tell("transcription-content", told, track=name, final=facts[0] == ("Final", "true"), **data)

    def _lose(self, name: TrackName, error: str) -> None:
        self._count("failed")
        message = f"what is said in the {name.replace('_', ' ')} is not understood: {error}"
        report(self.call, self._bureau.metrics, Report(PROVIDER_ERROR, message, "error"))
        self.fail(PROVIDER_ERROR, message)

    def _close(self, name: TrackName) -> None:
        """A track is finished, or its engine was given up: the other one ends with it."""
        del self._writers[name]
        if self._writers:
            self.stop()
        else:
            self._end()

    def _end(self) -> None:
        self._leave()
        self._tell("transcription-stopped", [])
        self._over(self)

    def _leave(self) -> None:
        if self.status == "in-progress":
            self.status = "stopped"
            self.updated = self._bureau.wall()
            self._line.on_end.remove(self.stop)

    def _describe(self) -> Pairs:
        plan = self.plan
        configuration = {
            "profanityFilter": _flag(plan.profanity_filter),
            "speechModel": plan.model,
            "enableAutomaticPunctuation": _flag(plan.punctuation),
            "hints": plan.hints,
            "recognizer": self._recognizer,
            **({"parameters": dict(plan.parameters)} if plan.parameters else {}),
        }
        return [
            ("ProviderConfiguration", json.dumps(configuration, ensure_ascii=False)),
            ("TranscriptionEngine", plan.engine),
            ("Name", self.name),
            ("Track", "both_tracks" if plan.track == "both" else self.tracks[0]),
            ("InboundTrackLabel", plan.inbound_label or "inbound_track"),
            ("OutboundTrackLabel", plan.outbound_label or "outbound_track"),
            ("PartialResults", _flag(plan.partial_results)),
            ("LanguageCode", plan.language),
        ]

    def _tell(self, event: str, facts: Pairs, **noted: str | float) -> None:
        """Note an event, and tell the customer (spec section 2.14); in a queue of its own, for there may be much to tell."""
        self.call.journal.add("transcription", at=None, sid=self.sid, event=event, **noted)
        told = self.plan.callback
        if not told.url:
            return
        pairs = [
            ("AccountSid", self.call.account_sid),
            ("CallSid", self.call.sid),
            ("TranscriptionSid", self.sid),
            ("Timestamp", timestamp(self._bureau.wall())),
            ("SequenceId", str(next(self._sequence))),
            ("TranscriptionEvent", event),
            *facts,
        ]
        self._bureau.callbacks.send(self.sid, told.url, told.method, pairs, journal=self.call.journal)

    def _filter(self, text: str) -> str:
        return mask(text) if self.plan.profanity_filter else text

    def _count(self, outcome: str) -> None:
        self._bureau.metrics.recognitions.labels(recognizer=self._recognizer, outcome=outcome).inc()


def _flag(on: bool) -> str:
    return "true" if on else "false"
