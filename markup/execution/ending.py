"""Hangup, Reject and Redirect (spec sections 2.5, 2.8 and 2.9)."""

from __future__ import annotations

from markup.script import Run, Script, Stop
from markup.verbs import Hangup, Redirect, Reject


def hang_up(script: Script, verb: Hangup) -> Run:
    """End the call. A call that rings is answered first; a whisper document declines the bridge."""
    script.answer()
    return Stop("completed" if script.purpose == "call" else "hung-up")
    yield


def reject(script: Script, verb: Reject) -> Run:
    """Refuse a call that rings; an answered one ends like any other."""
    if script.answered:
        return Stop("completed")
    return Stop("busy" if verb.reason == "busy" else "rejected")
    yield


def redirect(script: Script, verb: Redirect) -> Run:
    """Go on with another document. A call that rings goes on ringing meanwhile."""
    script.outcome = "redirected"
    return script.jump(verb.url, verb.method)
    yield
