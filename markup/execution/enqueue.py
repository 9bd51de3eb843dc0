"""Enqueue and Leave (spec section 2.10)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from markup import commands, events
from markup.errors import VerbFailed
from markup.events import OperationId, QueueResult
from markup.script import NOT_BUILT, Interruption, Next, Run, Script, Stop
from markup.verbs import Enqueue, Leave

BAD_WAIT_URL, QUEUE_FULL = 14202, 14207
OUTSIDE_A_QUEUE = 12200
LEAST_SECONDS = 1.0
"""From the beginning of a wait document to that of the next, however little it says."""
MOST_SECONDS = 10.0
"""What the least doubles up to, as long as documents take less time than it."""

_RESULTS: dict[events.Outcome, QueueResult] = {"left": "leave", "hung-up": "hangup"}
"""What a wait document that did not just run out means for the queue; any other outcome is an error."""

News = events.QueueMoved | events.QueueLeft


@dataclass(slots=True)
class _Stay:
    place: OperationId
    where: events.Whereabouts = "waiting"


def enqueue(script: Script, verb: Enqueue) -> Run:
    """Wait in a queue until somebody dials it or a wait document ends the waiting, and tell the action how it went."""
    script.answer()
    action = script.resolve(verb.action) if verb.action else ""
    if verb.workflow_sid or verb.task is not None:
        script.report(NOT_BUILT, "workflowSid and <Task> of <Enqueue> are for a task router, which this switch has not")
    try:
        wait_url = script.resolve(verb.wait_url) if verb.wait_url else verb.wait_url
    except VerbFailed as failure:
        script.report(BAD_WAIT_URL, f"waitUrl of <Enqueue>: {failure}", "error", failure.url)
        return _after(script, verb, action, "error", ())
    if not verb.name:
        script.report(NOT_BUILT, "<Enqueue> names no queue", "error")
        return _after(script, verb, action, "error", ())
    stay = _Stay(_enter(script, verb))
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, stay, cause)
    left = yield from _wait_and_talk(script, stay, wait_url, verb.wait_url_method)
    script.farewell = None
    if left.result == "queue-full":
        script.report(QUEUE_FULL, f"the queue {verb.name!r} is full: {left.message}")
    if left.result == "hangup":
        script.outcome = left.result
        if action:
            script.emit(commands.Notify(action, verb.method, _parameters(left.result, left.parameters)))
        return Stop("completed")
    return _after(script, verb, action, left.result, left.parameters)


def leave(script: Script, verb: Leave) -> Run:
    """End the wait document; the call goes on after its Enqueue."""
    if script.purpose == "waiting":
        return Stop("left")
    script.report(OUTSIDE_A_QUEUE, "<Leave> means nothing outside the wait document of a queue")
    return None
    yield


def _wait_and_talk(
    script: Script, stay: _Stay, wait_url: str | None, method: str
) -> Generator[None, events.Event, events.QueueLeft]:
    """From the entry to the end of the last conversation; whoever is not connected after all waits on."""
    while True:
        news: News | None = None
        if stay.where == "waiting":
            news = yield from _wait(script, stay.place, wait_url, method)
        while news is None:
            news = _news((yield), stay.place)
        match news:
            case events.QueueMoved(_, where):
                stay.where = where
            case events.QueueLeft():
                return news


def _wait(script: Script, place: OperationId, wait_url: str | None, method: str) -> Generator[None, events.Event, News | None]:
    """Let the caller hear something until there is news of the place; None when a wait document asks to leave it."""
    if wait_url:
        return (yield from _run_documents(script, place, wait_url, method))
    music = script.play(commands.Music(), 0) if wait_url is None else None
    while (news := _news((yield), place)) is None:
        pass
    script.stop(music)
    return news


def _run_documents(script: Script, place: OperationId, url: str, method: str) -> Generator[None, events.Event, News | None]:
    """The wait document again and again, requested anew each time."""
    least = LEAST_SECONDS
    while True:
        aside, timer = _run_aside(script, url, method), script.set_timer(least)
        going_on = {aside, timer}
        while going_on:
            event = yield
            match event:
                case events.AsideEnded(id, "released") if id == aside:
                    least = min(2 * least, MOST_SECONDS) if timer in going_on else LEAST_SECONDS
                    going_on.discard(aside)
                case events.AsideEnded(id, outcome) if id == aside:
                    script.stop(timer)
                    script.emit(commands.LeaveQueue(place, _RESULTS.get(outcome, "error")))
                    return None
                case events.TimerFired(id) if id == timer:
                    going_on.discard(timer)
                case _ if (news := _news(event, place)) is not None:
                    script.stop(timer)
                    script.stop(aside)
                    return news


def _enter(script: Script, verb: Enqueue) -> OperationId:
    make = partial(commands.EnterQueue, name=verb.name, max_size=verb.max_queue_size)
    return script.start(make, commands.LeaveQueue, (events.QueueMoved, events.QueueLeft))


def _run_aside(script: Script, url: str, method: str) -> OperationId:
    make = partial(commands.RunAside, url=url, method=method, purpose="waiting")
    return script.start(make, commands.StopAside, (events.AsideEnded,))


def _news(event: events.Event, place: OperationId) -> News | None:
    return event if isinstance(event, News) and event.id == place else None


def _after(script: Script, verb: Enqueue, action: str, result: QueueResult, parameters: events.Parameters) -> Next:
    script.stop_all()
    script.outcome = result
    return script.jump(action, verb.method, _parameters(result, parameters)) if action else None


def _parameters(result: QueueResult, parameters: events.Parameters) -> events.Parameters:
    return (("QueueResult", result), *parameters)


def _say_farewell(verb: Enqueue, action: str, stay: _Stay, cause: Interruption) -> commands.Notify:
    """What the action is told of a call that was taken away: who talked already was bridged (section 2.10)."""
    bridged = stay.where == "bridged"
    result: QueueResult
    if cause == "redirected":
        result = "redirected-from-bridged" if bridged else "redirected"
    else:
        result = "bridged" if bridged else "hangup"
    return commands.Notify(action, verb.method, (("QueueResult", result),), about=stay.place)
