"""Dial (spec section 2.7)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace

from markup import commands, events
from markup.events import LegStatus, OperationId
from markup.execution.bridge import GRACE_SECONDS, Result, either, hang_up, note, say_farewell
from markup.execution.recording import DialRecording
from markup.execution.targets import ALONE, RINGING, check_detection, refuse
from markup.execution.transfer import Moved, transfer
from markup.script import Farewell, Next, Run, Script
from markup.verbs import Application, Callee, Client, Dial, Noun, Telephone, Verb

BAD_NESTING = 13215

UNBUILT: Mapping[type[Verb | Noun], Mapping[str, str]] = {
    Application: {"url": "url"},
    Client: {"client_notification_url": "clientNotificationUrl"},
}
"""Fields that say something to no effect yet, and how they are written."""
_PREFERENCE: tuple[LegStatus, ...] = ("busy", "no-answer", "canceled", "failed")
"""Of several targets that all failed, the first of these is told."""


@dataclass(slots=True)
class _Ringing:
    """The legs of one attempt."""

    targets: dict[OperationId, Callee]
    timer: OperationId
    tone: OperationId | None
    ended: list[events.LegEnded] = field(default_factory=list)
    heard: OperationId | None = None
    """The leg whose early media the caller hears."""
    abandoned: bool = False
    """The caller gave up."""


def dial(script: Script, verb: Dial) -> Run:
    """Ring everyone, connect the first who answers, and tell the action how it went.

    A leg that was answered but hung up, or was declined by its whisper document, before the connection counts as
    ``completed`` with ``DialBridged=false``: the race was over at its answer (execution rules 3 and 4).
    """
    for noun in verb.nouns[:1]:
        if type(noun) in ALONE:
            return (yield from ALONE[type(noun)](script, verb, noun))
    if not verb.answer_on_bridge:
        script.answer()
    targets = _targets(script, verb)
    script.report_unbuilt(verb, UNBUILT.get(Dial, {}))
    for target in targets:
        script.report_unbuilt(target, UNBUILT.get(type(target), {}))
    action = script.resolve(verb.action) if verb.action else ""
    result = Result(DialRecording(script, verb))
    if action:
        script.farewell = lambda cause: say_farewell(verb, action, result, cause)
    result.recording.ringing()
    groups = [[target] for target in targets] if verb.sequential else [targets] if targets else []
    for group in groups:
        over = yield from _attempt(script, verb, group, result)
        if over:
            break
    result.recorded = yield from result.recording.finish()
    farewell, script.farewell = script.farewell, None
    script.stop_all()
    if result.moved is not None:
        return _part(script, result.moved, farewell)
    script.outcome = result.status
    return script.jump(action, verb.method, result.parameters) if action else None


def _part(script: Script, moved: Moved, farewell: Farewell | None) -> Next:
    """What follows a transfer; the action hears of it only when it was the caller who went."""
    script.outcome = "transferred"
    told = farewell("ended") if moved.caller_goes and farewell is not None else None
    if told is not None:
        script.emit(told)
    return moved.following


def _targets(script: Script, verb: Dial) -> list[Callee]:
    """Those who are rung; the others are reported."""
    if not verb.nouns:
        script.report(BAD_NESTING, "<Dial> names nobody to dial")
    targets = []
    for noun in verb.nouns:
        if isinstance(noun, RINGING):
            check_detection(script, noun)
            targets.append(_absolute(script, noun))
        else:
            refuse(script, noun)
    return targets


def _absolute(script: Script, noun: Callee) -> Callee:
    url = script.resolve(noun.url) if noun.url else ""
    noun = replace(noun, url=url, status_callback=script.callback(noun.status_callback))
    if isinstance(noun, Telephone):
        return replace(noun, amd_status_callback=script.callback(noun.amd_status_callback))
    return noun


def _attempt(script: Script, verb: Dial, targets: list[Callee], result: Result) -> Generator[None, events.Event, bool]:
    """Ring some targets at once; whether that was the end of the Dial."""
    legs = {script.start_leg(target, verb.caller_id): target for target in targets}
    timer = script.set_timer(verb.timeout)
    tone = script.play(commands.Ringback(verb.ring_tone), 0) if script.audible else None
    ringing = _Ringing(legs, timer, tone)
    winner = yield from _ring(script, verb, ringing)
    script.stop(timer)
    if winner is not None:
        yield from _talk(script, verb, winner, ringing, result)
        return True
    script.stop(tone)
    result.ended = _most_telling(ringing.ended)
    result.status = result.ended.status if result.ended is not None else "canceled" if ringing.abandoned else "no-answer"
    return ringing.abandoned or result.status == "completed"


def _ring(script: Script, verb: Dial, ringing: _Ringing) -> Generator[None, events.Event, OperationId | None]:
    """Until someone answers or nobody is left; the id of the leg that answered."""
    waiting = set(ringing.targets)
    while waiting:
        event = yield
        match event:
            case events.LegAnswered(id) if id in waiting:
                for other in sorted(waiting - {id}):
                    script.stop(other)
                return id
            case events.LegEnded(id) if id in waiting:
                waiting.discard(id)
                ringing.ended.append(event)
                note(script, event)
            case events.LegRinging(id, True) if waiting == {id} and ringing.heard != id:
                script.stop(ringing.tone)
                script.emit(commands.Listen(id))
                ringing.heard, script.audible = id, True
            case events.TimerFired(ringing.timer):
                yield from _give_up(script, waiting, ringing, timed_out=True)
                return None
            case events.DigitReceived("*") if verb.hangup_on_star:
                ringing.abandoned = True
                yield from _give_up(script, waiting, ringing, timed_out=False)
                return None
    return None


def _give_up(
    script: Script, waiting: set[OperationId], ringing: _Ringing, *, timed_out: bool
) -> Generator[None, events.Event, None]:
    """Cancel the legs and wait, not for long, to hear how they ended."""
    for id in sorted(waiting):
        script.emit(commands.HangupLeg(id, timed_out))
    grace = script.set_timer(GRACE_SECONDS)
    while waiting:
        event = yield
        match event:
            case events.LegEnded(id) if id in waiting:
                waiting.discard(id)
                ringing.ended.append(event)
            case events.TimerFired(id) if id == grace:
                break
    script.stop(grace)


def _talk(script: Script, verb: Dial, leg: OperationId, ringing: _Ringing, result: Result) -> Generator[None, events.Event, None]:
    """From the answer of a leg to its end; with ``answerOnBridge`` a caller hears ringing until the connection (rule 4)."""
    result.status = "completed"
    if not verb.answer_on_bridge:
        script.stop(ringing.tone)
    target = ringing.targets[leg]
    if ringing.heard == leg and _is_prepared(target):
        script.emit(commands.Part(leg))
        ringing.tone = script.play(commands.Ringback(verb.ring_tone), 0) if verb.answer_on_bridge else None
    ready = yield from _prepare(script, leg, target, result)
    script.stop(ringing.tone)
    if not ready:
        return
    script.answer()
    result.recording.connected()
    script.emit(commands.Join(leg))
    result.bridged = True
    script.transferable = bool(verb.refer_url) and not isinstance(target, Application)
    yield from _until_over(script, verb, leg, result)
    script.transferable = False


def _is_prepared(target: Callee) -> bool:
    """Whether something comes between the answer of a callee and the connection."""
    whispered = target.url and not isinstance(target, Application)
    return bool(whispered or (isinstance(target, Telephone) and target.send_digits))


def _prepare(script: Script, leg: OperationId, target: Callee, result: Result) -> Generator[None, events.Event, bool]:
    """Keys and whisper; whether the leg may now be connected."""
    if isinstance(target, Telephone) and target.send_digits:
        sending = script.send_digits(target.send_digits, leg)
        event = yield from either(leg, events.DigitsSent(sending))
        if isinstance(event, events.LegEnded):
            script.stop(sending)
            result.ended = event
            return False
    if target.url and not isinstance(target, Application):
        script.emit(commands.ScreenLeg(leg, target.url, target.method))
        event = yield from either(leg, events.LegScreened(leg, True), events.LegScreened(leg, False))
        if isinstance(event, events.LegEnded):
            result.ended = event
            return False
        if event == events.LegScreened(leg, False):
            result.ended = yield from hang_up(script, leg)
            return False
    return True


def _until_over(script: Script, verb: Dial, leg: OperationId, result: Result) -> Generator[None, events.Event, None]:
    """Until somebody ends the conversation, or hands the other one on; a transfer that fails begins the time limit anew."""
    limit = script.set_timer(verb.time_limit)
    while result.ended is None and result.moved is None:
        match (yield):
            case events.LegEnded(id) as ended if id == leg:
                result.ended = ended
            case events.TimerFired(id) if id == limit:
                result.ended = yield from hang_up(script, leg)
                break
            case events.DigitReceived("*") if verb.hangup_on_star:
                result.ended = yield from hang_up(script, leg)
                break
            case events.Referred() as asked:
                script.stop(limit)
                script.transferable = False
                outcome = yield from transfer(script, verb, leg, asked, result.recording)
                result.moved = outcome if isinstance(outcome, Moved) else None
                result.ended = outcome if isinstance(outcome, events.LegEnded) else None
                script.transferable = outcome is None
                limit = script.set_timer(verb.time_limit)
    script.stop(limit)


def _most_telling(ended: list[events.LegEnded]) -> events.LegEnded | None:
    return min(ended, key=lambda each: _PREFERENCE.index(each.status) if each.status in _PREFERENCE else 0, default=None)
