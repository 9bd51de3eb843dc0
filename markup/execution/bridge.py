"""What a Dial comes to once somebody is reached, and what its action is told of it (spec section 2.7)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from markup import commands, events
from markup.events import LegStatus, OperationId
from markup.execution.recording import DialRecording
from markup.execution.transfer import Moved
from markup.script import Interruption, Script
from markup.verbs import Dial

GRACE_SECONDS = 2.0
"""How long the end of a leg that we gave up is waited for."""


@dataclass(slots=True)
class Result:
    """What the action is told."""

    recording: DialRecording
    status: LegStatus = "failed"
    ended: events.LegEnded | None = None
    bridged: bool = False
    recorded: events.Parameters = ()
    """What the recording has become."""
    moved: Moved | None = None
    """One party was transferred by the other."""
    about: OperationId | None = None
    """The leg of which a farewell tells more."""

    @property
    def parameters(self) -> events.Parameters:
        """The action's parameters."""
        ended = self.ended
        pairs: list[tuple[str, str]] = [("DialCallStatus", self.status)]
        if ended is not None and ended.call_sid:
            pairs.append(("DialCallSid", ended.call_sid))
        if ended is not None and ended.duration is not None and self.bridged:
            pairs.append(("DialCallDuration", str(ended.duration)))
        pairs.append(("DialBridged", "true" if self.bridged else "false"))
        return (*pairs, *self.recorded, *(ended.parameters if ended is not None else ()))


def say_farewell(verb: Dial, action: str, result: Result, cause: Interruption) -> commands.Notify | None:
    """What the action is told of a call that ended first; it hears nothing of a redirection (section 4.6)."""
    if cause == "redirected":
        return None
    abandoned = replace(result, status="completed" if result.bridged else "canceled", ended=None)
    return commands.Notify(action, verb.method, abandoned.parameters, result.recording.id, result.about)


def hang_up(script: Script, leg: OperationId) -> Generator[None, events.Event, events.LegEnded | None]:
    """End a leg; None when its end is not heard of in time."""
    script.emit(commands.HangupLeg(leg))
    grace = script.set_timer(GRACE_SECONDS)
    event = yield from either(leg, events.TimerFired(grace))
    script.stop(grace)
    return event if isinstance(event, events.LegEnded) else None


def either(leg: OperationId, *awaited: events.Event) -> Generator[None, events.Event, events.Event]:
    """The end of the leg, or one of the awaited events."""
    while True:
        event = yield
        if event in awaited or (isinstance(event, events.LegEnded) and event.id == leg):
            return event


def note(script: Script, ended: events.LegEnded) -> None:
    """Report why we refused a target, if we did."""
    if ended.code:
        script.report(ended.code, ended.message)
