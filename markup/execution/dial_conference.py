"""Dial with the noun Conference (spec section 2.7.4)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Literal

from markup import commands, events
from markup.errors import VerbFailed
from markup.events import OperationId, Parameters
from markup.execution.recording import DialRecording
from markup.script import Interruption, Run, Script
from markup.verbs import Conference, Dial

FULL, LABEL_IN_USE, BAD_WAIT_URL = 16020, 16025, 13233
GOES_ON = frozenset({FULL, LABEL_IN_USE})
"""Refusals after which the next verb runs, even when there is an action."""

_UNBUILT = {"jitter_buffer_size": "jitterBufferSize"}


def dial_conference(script: Script, verb: Dial, noun: Conference) -> Run:
    """Take part until the conference or the time limit ends that, the caller presses a star, or the caller cannot take part."""
    script.answer()
    action = script.resolve(verb.action) if verb.action else ""
    recording = DialRecording(script, verb)
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, recording, cause)
    noun = _absolute(script, noun)
    script.report_unbuilt(noun, _UNBUILT)
    try:
        noun = replace(noun, wait_url=script.resolve(noun.wait_url) if noun.wait_url else noun.wait_url)
    except VerbFailed as failure:
        left = events.ConferenceLeft(0, BAD_WAIT_URL, f"waitUrl of <Conference>: {failure}")
    else:
        recording.ringing()
        recording.connected()
        left = yield from _stay(script, verb, script.join_conference(noun))
    recorded = yield from recording.finish()
    script.farewell = None
    status: Literal["answered", "failed"] = "failed" if left.code else "answered"
    script.outcome = status
    if left.code:
        script.report(left.code, left.message, "warning" if left.code == BAD_WAIT_URL else "error", script.base)
    if not action or left.code in GOES_ON:
        return None
    return script.jump(action, verb.method, (*_parameters(status), *recorded))


def _stay(script: Script, verb: Dial, stay: OperationId) -> Generator[None, events.Event, events.ConferenceLeft]:
    limit = script.set_timer(verb.time_limit)
    while True:
        event = yield
        match event:
            case events.ConferenceLeft():
                script.stop(limit)
                return event
            case events.TimerFired():
                script.emit(commands.LeaveConference(stay, interrupted=False))
            case events.DigitReceived("*") if verb.hangup_on_star:
                script.emit(commands.LeaveConference(stay, interrupted=False))


def _absolute(script: Script, noun: Conference) -> Conference:
    def resolved(reference: str) -> str:
        return script.resolve(reference) if reference else ""

    return replace(
        noun,
        status_callback=resolved(noun.status_callback),
        recording_status_callback=resolved(noun.recording_status_callback),
        event_callback_url=resolved(noun.event_callback_url),
    )


def _say_farewell(verb: Dial, action: str, recording: DialRecording, cause: Interruption) -> commands.Notify | None:
    """A redirection is not told (section 4.6)."""
    if cause == "redirected":
        return None
    return commands.Notify(action, verb.method, _parameters("answered"), recording.id)


def _parameters(status: Literal["answered", "failed"]) -> Parameters:
    """What the action is told: no call was dialled, so there is no SID and no duration of one (section 2.7)."""
    return (("DialCallStatus", status), ("DialBridged", "true" if status == "answered" else "false"))
