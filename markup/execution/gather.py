"""Gather (spec section 2.4)."""

from __future__ import annotations

from markup import events
from markup.execution.nested import goes_on, sequence
from markup.script import NOT_BUILT, Next, Run, Script
from markup.verbs import Gather

NESTED_NOT_AUDIO = 13325


def gather(script: Script, verb: Gather) -> Run:
    """Collect keys while the nested verbs are heard; the first key silences them."""
    script.answer()
    if "speech" in verb.input:
        instead = "keys are collected" if "dtmf" in verb.input else "no input can come"
        script.report(NOT_BUILT, f"speech input of <Gather> is not supported yet: {instead}")
    prompts = sequence(script, verb.children, NESTED_NOT_AUDIO)
    digits = ""
    timer = None if goes_on(prompts) else script.set_timer(verb.timeout)
    while True:
        event = yield
        match event:
            case events.TimerFired(id) if id == timer:
                return _result(script, verb, digits, "")
            case events.DigitReceived(digit) if "dtmf" in verb.input:
                prompts.close()
                script.stop_all()
                if digit == verb.finish_on_key:
                    return _result(script, verb, digits, digit)
                digits += digit
                if len(digits) == verb.num_digits:
                    return _result(script, verb, digits, "")
                timer = script.set_timer(verb.timeout)
            case _ if timer is None and not goes_on(prompts, event):
                timer = script.set_timer(verb.timeout)


def _result(script: Script, verb: Gather, digits: str, finished_on: str) -> Next:
    """Input goes to the action; without any the next verb runs, unless the document asks otherwise."""
    script.stop_all()
    script.outcome = f"digits {digits}" if digits else "no digits" if finished_on else "timeout"
    if not digits and not verb.action_on_empty_result:
        return None
    parameters = (("Digits", digits), ("FinishedOnKey", finished_on if digits else ""), ("msg", "Gather End"))
    return script.jump(verb.action, verb.method, parameters)
