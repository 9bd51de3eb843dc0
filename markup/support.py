"""What this switch makes of each verb and noun, read from the tables that run them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from markup.execution import RUNS
from markup.execution.connect import AGENTS, SESSIONS
from markup.execution.connect import FOREIGN as FOREIGN_SESSIONS
from markup.execution.dial import UNBUILT as UNBUILT_IN_DIAL
from markup.execution.relay import MEANINGLESS as MEANINGLESS_IN_RELAY
from markup.execution.start import STARTS, STOPS
from markup.execution.targets import ALONE, RINGING
from markup.execution.targets import FOREIGN as FOREIGN_TARGETS
from markup.execution.transcription import MEANINGLESS as MEANINGLESS_IN_TRANSCRIPTION
from markup.verbs import Connect, Dial, Enqueue, Noun, Start, Stop, Task, Verb

State = Literal["works", "configured", "foreign", "not built"]
"""``foreign``: a service of Twilio's that no other switch reaches; refused with an error. ``configured``: so, unless the operator
has put somebody in its place."""

_RUNNING: Mapping[type[Verb], frozenset[type[Noun]]] = {
    Dial: frozenset({*RINGING, *ALONE}),
    Connect: frozenset(SESSIONS),
    Start: frozenset(STARTS),
    Stop: frozenset(STOPS),
}
"""The nouns that each verb runs. The nouns of other verbs are a part of what the verb does."""
_FOREIGN: Mapping[type[Verb], frozenset[type[Noun]]] = {
    Dial: frozenset(FOREIGN_TARGETS),
    Connect: FOREIGN_SESSIONS,
    Enqueue: frozenset({Task}),
}

_WITHOUT_EFFECT: Mapping[type[Verb | Noun], Mapping[str, str]] = UNBUILT_IN_DIAL
_MEANINGLESS: Mapping[type[Verb | Noun], Mapping[str, str]] = {**MEANINGLESS_IN_RELAY, **MEANINGLESS_IN_TRANSCRIPTION}


def without_effect(element: type[Verb | Noun]) -> tuple[str, ...]:
    """Attributes and children that are read, but whose effect is not built yet, as they are written."""
    return tuple(_WITHOUT_EFFECT.get(element, {}).values())


def meaningless(element: type[Verb | Noun]) -> tuple[str, ...]:
    """Attributes that are read, but mean nothing outside Twilio's network, as they are written."""
    return tuple(_MEANINGLESS.get(element, {}).values())


def state_of_verb(verb: type[Verb]) -> State:
    """Whether a verb runs: it has a generator, and if it needs a noun, at least one of them runs."""
    return "works" if verb in RUNS and _RUNNING.get(verb, True) else "not built"


def state_of_noun(verb: type[Verb], noun: type[Noun]) -> State:
    """Whether a noun runs in a verb."""
    if noun in _FOREIGN.get(verb, ()):
        return "foreign"
    if verb is Connect and noun in AGENTS:
        return "configured"
    return "not built" if verb in _RUNNING and noun not in _RUNNING[verb] else state_of_verb(verb)


def shortcomings(verb: Verb) -> Iterator[str]:
    """What a verb of a document asks for in vain."""
    name = type(verb).__name__
    if type(verb) not in RUNS:
        yield f"<{name}> is not supported yet and is skipped"
        return
    yield from _vain(verb)
    for noun in _nouns(verb):
        yield from _vain(noun)
        state = state_of_noun(type(verb), type(noun))
        if state == "foreign":
            yield f"<{type(noun).__name__}> in <{name}> is a service of Twilio's that this switch cannot reach"
        elif state == "configured":
            yield f"<{type(noun).__name__}> in <{name}> needs an [[agent]] in the settings of the switch"
        elif state == "not built":
            yield f"<{type(noun).__name__}> in <{name}> is not supported yet"


def _vain(element: Verb | Noun) -> Iterator[str]:
    plain = type(element)()
    for field, written in _WITHOUT_EFFECT.get(type(element), {}).items():
        if getattr(element, field) != getattr(plain, field):
            yield f"{written} of <{type(element).__name__}> is not supported yet and has no effect"
    for field, written in _MEANINGLESS.get(type(element), {}).items():
        if getattr(element, field) != getattr(plain, field):
            yield f"{written} of <{type(element).__name__}> means nothing here"


def _nouns(verb: Verb) -> tuple[Noun, ...]:
    match verb:
        case Dial() | Start() | Stop():
            return verb.nouns
        case Connect() if verb.noun is not None:
            return (verb.noun,)
        case Enqueue() if verb.task is not None:
            return (verb.task,)
    return ()
