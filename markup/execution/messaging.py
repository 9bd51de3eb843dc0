"""Sms (spec section 2.16): the message is handed over, the call goes on."""

from __future__ import annotations

from functools import partial

from markup import commands, events
from markup.levels import level_of
from markup.script import Run, Script
from markup.verbs import Sms


def sms(script: Script, verb: Sms) -> Run:
    """Send a short message and tell the action its SID; what becomes of it is told to ``statusCallback``."""
    action = script.resolve(verb.action) if verb.action else ""
    callback = script.resolve(verb.status_callback) if verb.status_callback else ""
    message = script.send_message(
        partial(commands.SendMessage, body=verb.body, to=verb.to, from_=verb.from_, status_callback=callback)
    )
    while True:
        match (yield):
            case events.MessageTaken(id, status, sid, code, words) if id == message:
                break
    if code:
        script.report(code, words, level_of(code))
    script.outcome = status
    return script.jump(action, verb.method, (("SmsSid", sid), ("SmsStatus", status))) if action else None
