"""Record, the recording of a Dial, and Recording of Start and Stop (spec sections 2.6, 2.7 and 2.14)."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from markup import commands, events
from markup.commands import StatusCallback
from markup.errors import VerbFailed
from markup.events import OperationId, Parameters
from markup.script import Interruption, Run, Script
from markup.verbs import Dial, Record, Recording

BAD_CALLBACK, BAD_TRANSCRIBE_CALLBACK = 13256, 13257
ALREADY_RECORDING = 16108
NOT_RECORDING = 12200
TRIM = "trim-silence"
LONGEST, LONGEST_TRANSCRIBED = 3600, 120
"""Seconds of a Record that says nothing about its length."""

_MODES = {
    "record-from-answer": ("answer", False),
    "record-from-answer-dual": ("answer", True),
    "record-from-ringing": ("ringing", False),
    "record-from-ringing-dual": ("ringing", True),
}
"""What begins the recording of a Dial, and whether each side has a channel of its own."""


def record(script: Script, verb: Record) -> Run:
    """Beep, record what the caller says, and tell the action, also when nothing was said."""
    script.answer()
    action = script.resolve(verb.action)
    callback = _status_callback(script, verb)
    transcribe_callback = _absolute(script, verb.transcribe_callback, BAD_TRANSCRIBE_CALLBACK)
    if verb.play_beep:
        yield from _beep(script)
    start = partial(
        commands.StartRecording,
        source="RecordVerb",
        track="inbound",
        trim=verb.trim == TRIM,
        callback=callback,
        silence=verb.timeout,
        transcribe=verb.transcribe,
        transcribe_callback=transcribe_callback,
    )
    recording = script.record(start)
    script.farewell = lambda cause: _say_farewell(verb, action, recording, cause)
    key = yield from _until_over(script, verb, recording)
    parameters = yield from finish(script, recording)
    script.farewell = None
    script.stop_all()
    script.outcome = f"key {key}" if key else "over"
    return script.jump(action, verb.method, (*parameters, *((("Digits", key),) if key else ())))


def _beep(script: Script) -> Generator[None, events.Event, None]:
    beep = script.play(commands.Beep())
    while True:
        match (yield):
            case events.PlaybackEnded(id) | events.PlaybackFailed(id) if id == beep:
                return


def _until_over(script: Script, verb: Record, recording: OperationId) -> Generator[None, events.Event, str]:
    """The key that ended it; empty when silence or the length did."""
    longest = verb.max_length or (LONGEST_TRANSCRIBED if verb.transcribe else LONGEST)
    limit = script.set_timer(longest)
    while True:
        match (yield):
            case events.DigitReceived(digit) if digit in verb.finish_on_key:
                return digit
            case events.SilenceHeard(id) if id == recording:
                return ""
            case events.TimerFired(id) if id == limit:
                return ""


def _say_farewell(verb: Record, action: str, recording: OperationId, cause: Interruption) -> commands.Command | None:
    """The action hears of a caller who hung up, and nothing of a live change (section 4.6)."""
    if cause != "hung-up":
        return None
    return commands.Notify(action, verb.method, (("Digits", "hangup"),), recording)


def finish(script: Script, recording: OperationId) -> Generator[None, events.Event, Parameters]:
    """End a recording; what there is to tell of it."""
    script.emit(commands.StopRecording(recording))
    while True:
        match (yield):
            case events.RecordingEnded(id, parameters) if id == recording:
                return parameters


class DialRecording:
    """The recording of one Dial: of the caller's leg, so that whoever is dialled is on it."""

    def __init__(self, script: Script, verb: Dial) -> None:
        self.id: OperationId | None = None
        """None while nothing is being recorded."""
        self._script = script
        self._verb = verb
        self._from, self._dual = _MODES.get(verb.record, ("", False))

    def ringing(self) -> None:
        """The callees are about to ring."""
        if self._from == "ringing":
            self._start()

    def connected(self) -> None:
        """Caller and callee are about to hear each other."""
        if self._from == "answer":
            self._start()

    def finish(self) -> Generator[None, events.Event, Parameters]:
        """End it, if there is one; what the action is told of it."""
        if self.id is None:
            return ()
        return (yield from finish(self._script, self.id))

    def drop(self) -> None:
        """End it, if there is one; nobody waits for what has become of it."""
        self._script.stop(self.id)
        self.id = None

    def _start(self) -> None:
        if self.id is None:
            start = partial(
                commands.StartRecording,
                source="DialVerb",
                track=_track(self._verb.recording_track),
                dual=self._dual,
                trim=self._verb.trim == TRIM,
                callback=_status_callback(self._script, self._verb),
            )
            self.id = self._script.record(start)


def start_recording(script: Script, noun: Recording) -> None:
    """Record the call until it ends or Stop names the recording, whatever the document does meanwhile."""
    if noun.name in script.recordings:
        script.report(ALREADY_RECORDING, f"a recording named {noun.name!r} is running already")
        return
    start = partial(
        commands.StartRecording,
        source="StartCallRecordingTwiML",
        track=_track(noun.track),
        dual=noun.channels == "dual",
        trim=noun.trim == TRIM,
        callback=_status_callback(script, noun),
    )
    script.recordings[noun.name] = script.record(start, lasting=True)


def stop_recording(script: Script, noun: Recording) -> None:
    """End the recording of that name."""
    recording = script.recordings.pop(noun.name, None)
    if recording is None:
        script.report(NOT_RECORDING, f"<Stop> names a recording that is not running: {noun.name!r}")
    script.stop(recording)


def _track(name: str) -> commands.RecordingTrack:
    return "inbound" if name == "inbound" else "outbound" if name == "outbound" else "both"


def _status_callback(script: Script, element: Record | Dial | Recording) -> StatusCallback:
    return StatusCallback(
        _absolute(script, element.recording_status_callback, BAD_CALLBACK),
        element.recording_status_callback_method,
        element.recording_status_callback_event,
    )


def _absolute(script: Script, reference: str, code: int) -> str:
    """An address that is not needed for the call: a bad one is reported and left out."""
    try:
        return script.resolve(reference) if reference else ""
    except VerbFailed as failure:
        script.report(code, str(failure), url=failure.url)
        return ""
