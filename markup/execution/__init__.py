"""What each verb does: one generator a verb, top to bottom as its specification reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markup import verbs
from markup.execution.connect import connect
from markup.execution.dial import dial
from markup.execution.ending import hang_up, redirect, reject
from markup.execution.enqueue import enqueue, leave
from markup.execution.gather import gather
from markup.execution.messaging import sms
from markup.execution.pay import pay
from markup.execution.recording import record
from markup.execution.refer import refer
from markup.execution.sound import echo, pause, play, say
from markup.execution.start import start, stop
from markup.script import Run, Script

RUNS: dict[type[verbs.Verb], Callable[[Script, Any], Run]] = {
    verbs.Say: say,
    verbs.Play: play,
    verbs.Pause: pause,
    verbs.Gather: gather,
    verbs.Dial: dial,
    verbs.Redirect: redirect,
    verbs.Reject: reject,
    verbs.Hangup: hang_up,
    verbs.Refer: refer,
    verbs.Enqueue: enqueue,
    verbs.Leave: leave,
    verbs.Pay: pay,
    verbs.Connect: connect,
    verbs.Record: record,
    verbs.Start: start,
    verbs.Stop: stop,
    verbs.Echo: echo,
    verbs.Sms: sms,
}
"""A verb that is missing is read but not built yet: error 13750, and the next verb runs (section 1.10)."""
