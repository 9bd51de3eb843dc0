"""A REFER while Dial connects two parties: one of them hands the other on to somebody else (spec section 6.4)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from markup import commands, events
from markup.errors import VerbFailed
from markup.events import OperationId
from markup.execution.recording import DialRecording
from markup.script import Jump, Loaded, Next, Run, Script, Stop
from markup.verbs import Dial

ACCEPTED, DONE, REFUSED, UNAVAILABLE = 202, 200, 603, 503

_CONNECTED = (commands.Join, commands.JoinConference)
"""Commands by which the transferee gets whom he was promised."""
_CODES: Mapping[str, int] = {"busy": 486, "no-answer": 480, "canceled": 487}
"""What the transferor is told of a Dial that failed, by its outcome."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The transferee has something else to do: this Dial is over."""

    following: Next
    caller_goes: bool = False
    """It was the caller who handed the callee on, and whose call ends."""


Outcome = Moved | events.LegEnded | None
"""None: both are connected as before; ``LegEnded``: the callee is gone, and that is all."""


def transfer(
    script: Script, verb: Dial, leg: OperationId, asked: events.Referred, recording: DialRecording
) -> Generator[None, events.Event, Outcome]:
    """Ask ``referUrl`` what the transferee is to do, and let him do it.

    The caller goes on with the document in this call, the callee with it in a call of his own. The transferor is dropped once the
    document is there, or, when the callee asked and the Dial answers on bridge, once the document has connected the caller.
    """
    by_caller = asked.id is None
    try:
        url = script.resolve(verb.refer_url)
    except VerbFailed as failure:
        script.emit(commands.AnswerReferral(asked.id, REFUSED))
        script.report(failure.code, str(failure), "error", failure.url)
        return None
    script.emit(commands.AnswerReferral(asked.id, ACCEPTED))
    jump = Jump(url, verb.refer_method, (("ReferTransferTarget", asked.target),))
    loaded, ended = yield from _load(script, script.fetch(jump, leg if by_caller else None), leg, by_caller)
    if loaded is None:
        script.emit(commands.ReportReferral(asked.id, UNAVAILABLE))
        return ended
    if by_caller:
        script.emit(commands.HandOver(leg, loaded.document, loaded.url))
        script.emit(commands.ReportReferral(None, DONE))
        return Moved(Stop("completed"), caller_goes=True)
    if verb.answer_on_bridge and ended is None:
        return (yield from _consult(script, leg, loaded, recording))
    _drop(script, leg)
    return Moved(loaded)


def _load(
    script: Script, request: OperationId, leg: OperationId, by_caller: bool
) -> Generator[None, events.Event, tuple[Loaded | None, events.LegEnded | None]]:
    """The document, if it comes and somebody is left to run it, and the end of the callee meanwhile.

    Telephones often hang up as soon as their REFER is accepted.
    """
    ended: events.LegEnded | None = None
    while True:
        match (yield):
            case events.LegEnded(id) as end if id == leg:
                ended = end
                if by_caller:
                    script.stop(request)
                    return None, ended
            case events.FetchFailed(id, code, url, message) if id == request:
                script.report(code, message, "error", url)
                return None, ended
            case events.DocumentFetched(id, url, document) if id == request:
                return Loaded(document, url), ended


def _drop(script: Script, leg: OperationId) -> None:
    """Say goodbye to a callee who has handed the caller on."""
    script.emit(commands.ReportReferral(leg, DONE))
    script.stop(leg)


def _consult(
    script: Script, leg: OperationId, loaded: Loaded, recording: DialRecording
) -> Generator[None, events.Event, Outcome]:
    """Let the caller run the document while the callee waits; if it connects him with nobody, the two talk on."""
    base, farewell, code = script.base, script.farewell, UNAVAILABLE
    ended: events.LegEnded | None = None
    event: events.Event | None = None
    script.emit(commands.Part(leg))
    script.keep(leg, True)
    run = script.run(loaded)
    try:
        while _advance(run, event):
            code = _verdict(script, code)
            if any(isinstance(command, _CONNECTED) for command in script.commands):
                _drop(script, leg)
                recording.drop()
                return Moved((yield from run))
            event = yield
            while isinstance(event, events.LegEnded) and event.id == leg:
                ended, event = event, (yield)
    finally:
        run.close()
        script.keep(leg, False)
    script.base, script.farewell = base, farewell
    if ended is None:
        script.emit(commands.ReportReferral(leg, _verdict(script, code)))
        script.emit(commands.Join(leg))
    return ended


def _advance(run: Run, event: events.Event | None) -> bool:
    """Whether the document goes on."""
    try:
        run.send(event)  # type: ignore[arg-type]  # the first is None
    except StopIteration:
        return False
    return True


def _verdict(script: Script, code: int) -> int:
    """The status of the last Dial that is over; ``code`` while there is none."""
    for command in script.commands:
        if isinstance(command, commands.LeaveVerb) and command.name == "Dial":
            code = _CODES.get(command.outcome, UNAVAILABLE)
    return code
