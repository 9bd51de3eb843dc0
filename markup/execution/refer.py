"""Refer: the far end's telephone is asked to call somebody else (spec section 2.12)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from markup import commands, events
from markup.events import OperationId, Parameters
from markup.script import Interruption, News, Run, Script
from markup.verbs import Refer

FIRST_NEWS_SECONDS = 32.0
"""How long the answer and the first NOTIFY are waited for (RFC 6665 section 4.1.2.4, timer N)."""
NEWS_SECONDS = 180.0
"""How long each further NOTIFY is waited for: about as long as a telephone rings."""

REFERRED: News = (events.ReferAnswered, events.ReferProgress, events.ReferFailed)

_STATUSES = {486: "busy", 600: "busy", 487: "canceled", 408: "no-answer", 480: "no-answer"}
"""``ReferCallStatus`` by the status that a NOTIFY quoted."""


@dataclass(slots=True)
class Result:
    """What the action is told."""

    code: int = 0
    """The answer to the REFER; 0 while there is none."""
    told: int = 0
    """The last status that a NOTIFY quoted; 0 while there is none."""
    canceled: bool = False
    """Our call ended first."""

    @property
    def status(self) -> str:
        """``ReferCallStatus``; empty when nothing is known of the new call."""
        if self.canceled:
            return "canceled"
        if not self.told:
            return "failed" if self.code >= 300 else ""
        if self.told < 300:
            return "in-progress" if self.told >= 200 else "no-answer"
        return _STATUSES.get(self.told, "failed")

    @property
    def parameters(self) -> Parameters:
        """The action's parameters."""
        pairs = [("ReferCallStatus", self.status)] if self.status else []
        pairs += [
            (name, str(code))
            for name, code in (("ReferSipResponseCode", self.code), ("NotifySipResponseCode", self.told))
            if code
        ]
        return tuple(pairs)


def refer(script: Script, verb: Refer) -> Run:
    """Refer the telephone, follow what it tells about its new call, and tell the action."""
    script.answer()
    action = script.resolve(verb.action) if verb.action else ""
    result = Result()
    referral = script.start(partial(commands.Refer, uri=verb.uri), commands.ForgetReferral, REFERRED)
    if action:
        script.farewell = lambda cause: _say_farewell(verb, action, result, cause)
    yield from _follow(script, referral, result)
    script.farewell = None
    script.stop_all()
    script.outcome = result.status or "unknown"
    return script.jump(action, verb.method, result.parameters) if action else None


def _follow(script: Script, referral: OperationId, result: Result) -> Generator[None, events.Event, None]:
    """Until the telephone has nothing more to tell, or does not tell it in time."""
    patience = script.set_timer(FIRST_NEWS_SECONDS)
    while True:
        match (yield):
            case events.ReferFailed(id, code, message) if id == referral:
                script.report(code, message, "error")
                return
            case events.ReferAnswered(id, code) if id == referral:
                result.code = code
                if code >= 300:
                    return
            case events.ReferProgress(id, code, last) if id == referral:
                result.told = code or result.told
                if last:
                    return
                script.stop(patience)
                patience = script.set_timer(NEWS_SECONDS)
            case events.TimerFired(id) if id == patience:
                return


def _say_farewell(verb: Refer, action: str, result: Result, cause: Interruption) -> commands.Notify | None:
    """What the action is told of a call that ended first; a redirection it hears nothing of (section 4.6)."""
    result.canceled = True
    return commands.Notify(action, verb.method, result.parameters) if cause != "redirected" else None
