"""Dial with the noun Queue (spec section 2.11)."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial

from markup import commands, events
from markup.events import LegStatus, OperationId
from markup.execution.bridge import Result, hang_up, note, say_farewell
from markup.execution.recording import DialRecording
from markup.script import LEG, NOT_BUILT, Run, Script
from markup.verbs import Dial, Queue


def dial_queue(script: Script, verb: Dial, queue: Queue) -> Run:
    """Take the head of a queue or wait for one, let it hear its document, and connect it.

    The caller hears ringing until then. Whoever is lost on the way is replaced by the next, as long as the ring time lasts.
    """
    if not verb.answer_on_bridge:
        script.answer()
    action = script.resolve(verb.action) if verb.action else ""
    url = script.resolve(queue.url) if queue.url else ""
    if queue.reservation_sid or queue.post_work_activity_sid:
        script.report(
            NOT_BUILT, "reservationSid and postWorkActivitySid of <Queue> are for a task router, which this switch has not"
        )
    result = Result(DialRecording(script, verb))
    if action:
        script.farewell = lambda cause: say_farewell(verb, action, result, cause)
    result.recording.ringing()
    tone = script.play(commands.Ringback(verb.ring_tone), 0) if script.answered else None
    patience = script.set_timer(verb.timeout)
    member = yield from _find(script, verb, queue, url, patience, result)
    script.stop(patience)
    script.stop(tone)
    if member is not None:
        yield from _talk(script, verb, member, result)
    result.recorded = yield from result.recording.finish()
    script.farewell = None
    script.stop_all()
    script.outcome = result.status
    return script.jump(action, verb.method, result.parameters) if action else None


def _find(
    script: Script, verb: Dial, queue: Queue, url: str, patience: OperationId, result: Result
) -> Generator[None, events.Event, OperationId | None]:
    """A caller who may be connected; None when there is nobody, and the result then says why."""
    leg, taken = _take(script, queue), False
    while True:
        result.about = leg
        event = yield
        match event:
            case events.LegAnswered(id) if id == leg:
                if not url:
                    return leg
                script.emit(commands.ScreenLeg(leg, url, queue.method))
                taken = True
            case events.LegScreened(id, accepted) if id == leg:
                return leg if accepted else (yield from _give_up(script, leg, result, "failed"))
            case events.LegEnded(id) if id == leg and taken and script.lives(patience):
                leg, taken = _take(script, queue), False
            case events.LegEnded(id) if id == leg:
                result.ended, result.status = event, "no-answer" if taken else event.status
                note(script, event)
                return None
            case events.TimerFired(id) if id == patience and not taken:
                return (yield from _give_up(script, leg, result, "no-answer"))
            case events.DigitReceived("*") if verb.hangup_on_star:
                return (yield from _give_up(script, leg, result, "canceled"))


def _take(script: Script, queue: Queue) -> OperationId:
    return script.start(partial(commands.TakeFromQueue, name=queue.name), commands.HangupLeg, LEG)


def _talk(script: Script, verb: Dial, member: OperationId, result: Result) -> Generator[None, events.Event, None]:
    """Until either hangs up, the time is over, or the caller presses a star; whoever is left goes on with its document."""
    script.answer()
    result.recording.connected()
    script.emit(commands.Join(member))
    result.status, result.bridged = "completed", True
    limit = script.set_timer(verb.time_limit)
    while True:
        match (yield):
            case events.LegEnded(id) as ended if id == member:
                result.ended = ended
                break
            case events.TimerFired(id) if id == limit:
                result.ended = yield from hang_up(script, member)
                break
            case events.DigitReceived("*") if verb.hangup_on_star:
                result.ended = yield from hang_up(script, member)
                break
    script.stop(limit)


def _give_up(
    script: Script, leg: OperationId, result: Result, status: LegStatus
) -> Generator[None, events.Event, OperationId | None]:
    """Let a caller go back to its place, if there is one."""
    result.status = status
    result.ended = yield from hang_up(script, leg)
    return None
