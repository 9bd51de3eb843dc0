"""Say, Play and Pause inside another verb, which listens meanwhile (spec section 1.8)."""

from __future__ import annotations

from markup import events
from markup.errors import VerbFailed
from markup.execution.sound import pause, play, say
from markup.script import Run, Script
from markup.verbs import Pause, Play, Say

NOT_AUDIO = 13420

Children = tuple[Say | Play | Pause, ...]


def sequence(script: Script, children: Children, not_audio: int = NOT_AUDIO) -> Run:
    """One after the other; ``not_audio`` is the code of a file that is none. Keys are not played here."""
    for child in children:
        match child:
            case Say():
                yield from say(script, child)
            case Pause():
                yield from pause(script, child)
            case Play(digits=digits) if not digits:
                yield from _play(script, child, not_audio)
    return None


def goes_on(prompts: Run, event: events.Event | None = None) -> bool:
    """Begin what is nested, or hand it an event; whether it is not over yet."""
    try:
        if event is None:
            next(prompts)
        else:
            prompts.send(event)
    except StopIteration:
        return False
    return True


def _play(script: Script, child: Play, not_audio: int) -> Run:
    try:
        yield from play(script, child)
    except VerbFailed as failure:
        code = not_audio if failure.code == NOT_AUDIO else failure.code
        raise VerbFailed(code, failure.url, str(failure)) from None
    return None
