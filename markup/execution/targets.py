"""Which nouns Dial reaches, and how (spec section 2.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markup.execution.dial_conference import dial_conference
from markup.execution.dial_queue import dial_queue
from markup.script import NOT_BUILT, Run, Script
from markup.verbs import Application, Callee, Client, Conference, Dial, Noun, Number, Queue, Sim, Sip, Telephone, WhatsApp

RINGING: tuple[type[Callee], ...] = (Number, Sip, Client, Application)
"""Those that are rung: a leg each, the first to answer is connected."""

ALONE: Mapping[type[Noun], Callable[[Script, Dial, Any], Run]] = {Conference: dial_conference, Queue: dial_queue}
"""Those that are dialled alone and run in their own way."""

FOREIGN: Mapping[type[Noun], tuple[int, str]] = {
    Sim: (13258, "<Sim> is a card of Twilio's own network, which this switch cannot reach"),
    WhatsApp: (NOT_BUILT, "<WhatsApp> is a network that this switch cannot reach"),
}
"""Those that no switch but Twilio's can reach, and the error that says so: the attempt fails (section 2.7.7)."""


NO_CALLBACK, BAD_DETECTION = 21262, 21263


def check_detection(script: Script, noun: Callee) -> None:
    """Tell the author of a machine detection that nobody hears of, or that is not made (section 3.5)."""
    if not isinstance(noun, Telephone) or not noun.machine_detection:
        return
    name = type(noun).__name__
    if noun.send_digits:
        script.report(BAD_DETECTION, f"machineDetection of <{name}> is ignored because there are sendDigits")
    elif not noun.amd_status_callback:
        script.report(NO_CALLBACK, f"<{name}> has machineDetection but no amdStatusCallback to tell the result to")


def refuse(script: Script, noun: Noun) -> None:
    """Report a noun that is in neither of the first two tables."""
    not_built = (NOT_BUILT, f"<{type(noun).__name__}> of <Dial> is not supported yet")
    code, message = FOREIGN.get(type(noun), not_built)
    script.report(code, message, "error")
