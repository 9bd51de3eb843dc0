"""One call's TwiML as a state machine: events in, commands out, no IO and no clock.

The program is a generator that runs from document to document. Whatever interrupts it (the far end hangs up, a REST update) is
handled in one place: what is live is stopped, and another generator takes over.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from markup import commands, events
from markup.document import Document
from markup.errors import VerbFailed
from markup.events import Parameters
from markup.execution import RUNS
from markup.purpose import RULES, SCHEMA_WARNING, Purpose
from markup.script import NOT_BUILT, Interruption, Jump, Loaded, Next, Run, Script, Stop
from markup.speech import Utterance, plain
from markup.verbs import Gather, Play, Verb

__all__ = ["Interpreter", "Program"]

APOLOGY = "We are sorry. An application error has occurred. Goodbye."
MOST_IDLE_DOCUMENTS = 100
"""Documents in a row that do nothing but lead to the next: nobody writes that on purpose."""
MOST_FALLBACKS = 10
"""In one call: a fallback that leads back to what failed must not do so for ever."""
MOST_IDLE_VERBS = 10_000
"""Verbs in such documents: what takes no time could otherwise be asked for by the million."""
ENDLESS_DOCUMENTS = 12400
DECLINED, REFERRED_IN_VAIN = 603, 13802


@dataclass(frozen=True, slots=True)
class Program:
    """Where a call's TwiML comes from."""

    url: str
    method: str = "POST"
    fallback_url: str = ""
    fallback_method: str = "POST"
    document: Document | None = None
    """One that is here already; ``url`` is then its address, empty for an inline one."""


class Interpreter:
    """Runs a program. ``answered`` tells whether the leg is up already; ``purpose`` what its documents are for."""

    def __init__(self, program: Program, answered: bool, purpose: Purpose = "call") -> None:
        self._program = program
        self._script = Script(answered, purpose)
        self._script.run = partial(_run_program, self._script, program)
        self._run: Run | None = None
        self._ended = False

    def receive(self, event: events.Event) -> list[commands.Command]:
        """What an event leads to. A stale event, or any after ``EndCall``, leads to nothing."""
        if self._ended:
            return []
        match event:
            case events.Begin() if self._run is None:
                document, url = self._program.document, self._program.url
                self._start(Loaded(document, url) if document else Jump(url, self._program.method))
            case events.HungUp():
                self._interrupt("hung-up")
                self._end("hung-up")
            case events.HangupRequested():
                self._interrupt("ended")
                self._end("completed" if self._script.answered else "rejected")
            case events.Redirected(url, method, document):
                self._interrupt("redirected")
                self._start(Loaded(document, url) if document else Jump(url, method))
            case events.Referred(id) if not self._script.transferable:
                self._script.emit(commands.AnswerReferral(id, DECLINED))
                message = "a REFER was refused: no <Dial> with a referUrl connects this call"
                self._script.report(REFERRED_IN_VAIN, message, "error")
            case _ if self._run is not None and self._script.admits(event):
                self._resume(event)
        emitted, self._script.commands = self._script.commands, []
        return emitted

    def _start(self, first: Jump | Loaded) -> None:
        self._script.base = ""
        self._run = _run_program(self._script, self._program, first)
        self._advance(self._run, None)

    def _resume(self, event: events.Event) -> None:
        assert self._run is not None
        self._advance(self._run, event)

    def _advance(self, run: Run, event: events.Event | None) -> None:
        try:
            if event is None:
                next(run)
            else:
                run.send(event)
        except StopIteration as over:
            outcome: Stop = over.value
            self._end(outcome.outcome)

    def _interrupt(self, cause: Interruption) -> None:
        if self._run is not None:
            self._run.close()
        self._script.transferable = False
        self._script.stop_all()
        farewell, self._script.farewell = self._script.farewell, None
        command = farewell(cause) if farewell is not None else None
        if command is not None:
            self._script.emit(command)

    def _end(self, outcome: events.Outcome) -> None:
        self._ended = True
        self._script.stop_all(lasting=True)
        self._script.emit(commands.EndCall(outcome))


@dataclass(frozen=True, slots=True)
class _Idle:
    """What was run since something last took time."""

    documents: int = 0
    verbs: int = 0

    @property
    def too_long(self) -> bool:
        return self.documents > MOST_IDLE_DOCUMENTS or self.verbs > MOST_IDLE_VERBS

    def after(self, document: Document) -> _Idle:
        return _Idle(self.documents + 1, self.verbs + len(document.verbs))


def _run_program(script: Script, program: Program, first: Jump | Loaded) -> Run:
    """Document after document, until one ends the call (spec sections 1.6 and 1.9)."""
    source: Jump | Loaded = first
    idle = _Idle()
    fallbacks = 0
    in_fallback = False
    while True:
        try:
            if isinstance(source, Jump):
                source = yield from _load(script, source)
            script.base, document = source.url, source.document
            script.worked = False
            following = yield from _run_document(script, document)
            idle = idle.after(document) if not script.worked else _Idle()
            if idle.too_long:
                message = f"{idle.documents} documents of {idle.verbs} verbs in a row only led to another one"
                raise VerbFailed(ENDLESS_DOCUMENTS, script.base, message)
            in_fallback = False
        except VerbFailed as failure:
            script.stop_all()
            script.farewell = None
            script.report(failure.code, str(failure), "error", failure.url)
            fallback = None
            if not in_fallback and fallbacks < MOST_FALLBACKS:
                fallback = yield from _fall_back(script, program, failure)
            if fallback is None:
                return (yield from _apologise(script))
            source, in_fallback, fallbacks = fallback, True, fallbacks + 1
            continue
        if isinstance(following, Jump | Loaded):
            source = following
        else:
            return following


def _load(script: Script, jump: Jump) -> Generator[None, events.Event, Loaded]:
    request = script.fetch(jump)
    while True:
        match (yield):
            case events.DocumentFetched(id, url, document) if id == request:
                return Loaded(document, url)
            case events.FetchFailed(id, code, url, message) if id == request:
                raise VerbFailed(code, url, message)


def _fall_back(script: Script, program: Program, failure: VerbFailed) -> Generator[None, events.Event, Loaded | None]:
    """The fallback's document, or None when there is none to be had."""
    if not program.fallback_url or failure.url == program.fallback_url:
        return None
    parameters: Parameters = (("ErrorCode", str(failure.code)), ("ErrorUrl", failure.url))
    try:
        return (yield from _load(script, Jump(program.fallback_url, program.fallback_method, parameters)))
    except VerbFailed as second:
        script.report(second.code, str(second), "error", second.url)
        return None


def _apologise(script: Script) -> Run:
    """What a caller hears when nothing usable came back (spec section 1.9)."""
    if script.purpose != "call":
        return Stop("failed")
    script.answer()
    playback = script.play(commands.Speech(plain(APOLOGY), "", ""))
    while True:
        match (yield):
            case events.PlaybackEnded(id) | events.PlaybackFailed(id) if id == playback:
                return Stop("completed")


def _run_document(script: Script, document: Document) -> Run:
    """The verbs of one document; at its end the call is over."""
    for diagnostic in document.diagnostics:
        script.report(diagnostic.code, f"line {diagnostic.line}: {diagnostic.message}", diagnostic.level, script.base)
    _prefetch(script, document.verbs)
    for verb in document.verbs:
        following = yield from _run_verb(script, verb)
        if following is not None:
            return following
    if script.purpose != "call":
        return Stop("released")
    script.answer()
    return Stop("completed")


def _run_verb(script: Script, verb: Verb) -> Run:
    name = type(verb).__name__
    rules = RULES.get(script.purpose)
    if rules is not None and name not in rules.allowed:
        return _refuse(script, name, rules.fatal.get(name, rules.otherwise))
    script.emit(commands.EnterVerb(name, _attributes(verb)))
    script.outcome = ""
    outcome = "interrupted"
    try:
        following: Next = yield from RUNS.get(type(verb), _skip)(script, verb)
        outcome = script.outcome or (following.outcome if isinstance(following, Stop) else "")
        return following
    except VerbFailed as failure:
        outcome = f"failed with {failure.code}"
        raise
    finally:
        script.emit(commands.LeaveVerb(name, outcome))


def _skip(script: Script, verb: Verb) -> Run:
    """What is read but not built yet does nothing, and says so."""
    script.report(NOT_BUILT, f"<{type(verb).__name__}> is not supported yet and is skipped", "error")
    script.outcome = "not supported"
    return None
    yield


def _refuse(script: Script, name: str, fatal_code: int) -> Next:
    message = f"<{name}> may not stand in a {script.purpose} document"
    if fatal_code:
        script.report(fatal_code, message, "error", script.base)
        return Stop("failed")
    script.report(SCHEMA_WARNING, message, url=script.base)
    return None


def _attributes(verb: Verb) -> Parameters:
    """What distinguishes this verb from its defaults, named as written, for the journal; never a secret."""
    plain = type(verb)()
    pairs = []
    for name in type(verb).__dataclass_fields__:
        value = getattr(verb, name)
        if value != getattr(plain, name) and isinstance(value, str | int | float | Utterance):
            pairs.append((_written(name), str(value)))
    return tuple(pairs)


def _written(field: str) -> str:
    first, *others = field.split("_")
    return first + "".join(word.capitalize() for word in others)


def _prefetch(script: Script, all_verbs: tuple[Verb, ...]) -> None:
    """Ask early for the files of later verbs; the first verb asks for its own."""
    found: list[str] = []
    for place, verb in enumerate(all_verbs):
        children = verb.children if isinstance(verb, Gather) else (verb,) if place else ()
        found += [child.url for child in children if isinstance(child, Play) and child.url]
    urls = []
    for reference in found:
        try:
            urls.append(script.resolve(reference))
        except VerbFailed:
            continue  # told when its turn comes
    if urls:
        script.emit(commands.PrefetchMedia(tuple(dict.fromkeys(urls))))
