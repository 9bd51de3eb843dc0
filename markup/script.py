"""What a running verb has at hand: ids, the list of what is live, and the commands that come of its work.

A verb is a generator that runs until it needs to know something: it yields, and is resumed with the next event that concerns this
call. Its result says what comes after it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urljoin, urlsplit

from markup import commands, events
from markup.document import Document
from markup.errors import VerbFailed
from markup.events import OperationId, Parameters
from markup.purpose import Purpose
from markup.verbs import Application, Client, Conference, Noun, Number, Sip, Verb

Interruption = Literal["hung-up", "redirected", "ended"]
"""The far end hung up, or a live change: another document, or the end of the call."""

BAD_URL = 11100
NO_BASE = 15004
NOT_BUILT = 13750
TOO_MANY = 12400
MOST_REPORTS = 1000
"""In one call. A document that goes on for ever must not fill the disk with what is wrong with it."""
KEYS = frozenset("0123456789ABCD*#")

Farewell = Callable[[Interruption], commands.Command | None]
"""What is still requested when something interrupts a verb."""


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on with another document."""

    url: str
    """Absolute."""
    method: str = "POST"
    parameters: Parameters = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """End the call, in the words of ``EndCall``."""

    outcome: events.Outcome


@dataclass(frozen=True, slots=True)
class Loaded:
    """Go on with a document that is here already."""

    document: Document
    url: str = ""
    """Its address; empty for an inline one."""


Next = Jump | Loaded | Stop | None
"""What follows a verb; None is the next one."""
Run = Generator[None, events.Event, Next]
News = tuple[type[events.Event], ...]
"""The kinds of event that a started thing can cause."""

_FETCHED: News = (events.DocumentFetched, events.FetchFailed)
_PLAYED: News = (events.PlaybackEnded, events.PlaybackFailed)
_SENT: News = (events.DigitsSent,)
_FIRED: News = (events.TimerFired,)
LEG: News = (events.LegRinging, events.LegAnswered, events.LegScreened, events.Referred, events.LegEnded)
_RECORDED: News = (events.SilenceHeard, events.RecordingEnded)
_CONFERENCE: News = (events.ConferenceLeft,)
_TAKEN: News = (events.MessageTaken,)
_HEARD: News = (
    events.VoiceHeard,
    events.VoicePaused,
    events.WordsHeard,
    events.NothingUnderstood,
    events.SpeechUnderstood,
    events.ListeningFailed,
)
_LASTS: News = (
    events.LegEnded,
    events.RecordingEnded,
    events.ReferFailed,
    events.AsideEnded,
    events.QueueLeft,
    events.SiprecEnded,
    events.StreamEnded,
    events.TranscriptionEnded,
    events.SpeechUnderstood,
    events.ListeningFailed,
)
_PAID: News = (events.PaymentRefused, events.PaymentSettled)
_ENDS: News = (*_FETCHED, *_PLAYED, *_SENT, *_FIRED, *_CONFERENCE, *_TAKEN, *_LASTS, *_PAID)


@dataclass(frozen=True, slots=True)
class _Live:
    stop: commands.Command
    news: News
    lasting: bool = False
    """It goes on when its verb, and even its document, is over."""


class Script:
    """The state that all verbs of one call share."""

    run: Callable[[Loaded], Run]
    """Runs a document, and whatever it leads to, within a verb; what it returns ends the call."""

    def __init__(self, answered: bool, purpose: Purpose) -> None:
        self.answered = answered
        self.audible = answered
        """The caller hears us: it is answered, or hears the early media of somebody."""
        self.purpose: Purpose = purpose
        self.base = ""
        """Address of the current document; empty for an inline one."""
        self.farewell: Farewell | None = None
        """What is still requested when something interrupts the verb that runs."""
        self.commands: list[commands.Command] = []
        self.worked = False
        """Whether the current document did anything that takes time."""
        self.outcome = ""
        """How the current verb went, for the journal."""
        self.transferable = False
        """Whether a REFER is taken by the verb that runs: a Dial with ``referUrl`` that connects two parties."""
        self.recordings: dict[str, OperationId] = {}
        """What Start records, by name."""
        self.siprecs: dict[str, OperationId] = {}
        """What Start sends to recording servers, by name; some may have ended."""
        self._reports = 0
        self._ids = itertools.count(1)
        self._live: dict[OperationId, _Live] = {}

    def emit(self, command: commands.Command) -> None:
        """Ask for something."""
        self.commands.append(command)

    def report(self, code: int, message: str, level: Literal["error", "warning"] = "warning", url: str = "") -> None:
        """Note an error or a warning, unless there were too many in this call."""
        self._reports += 1
        if self._reports < MOST_REPORTS:
            self.emit(commands.Report(code, message, level, url))
        elif self._reports == MOST_REPORTS:
            self.emit(commands.Report(TOO_MANY, f"{MOST_REPORTS} errors and warnings in one call: no more are told", "error"))

    def report_unbuilt(self, element: Verb | Noun, attributes: Mapping[str, str]) -> None:
        """Tell which attributes say something that this switch does not do yet; ``attributes`` is field to name."""
        plain = type(element)()
        for name, written in attributes.items():
            if getattr(element, name) != getattr(plain, name):
                self.report(NOT_BUILT, f"{written} of <{type(element).__name__}> is not supported yet and has no effect")

    def answer(self) -> None:
        """Answer, unless that was done."""
        if not self.answered:
            self.answered = self.audible = True
            self.emit(commands.Answer())

    def fetch(self, jump: Jump, leg: OperationId | None = None) -> OperationId:
        """Request a document, for the call of a dialled leg when there is one."""
        id = next(self._ids)
        start = commands.FetchDocument(id, jump.url, jump.method, jump.parameters, leg)
        self._begin(id, start, commands.CancelFetch(id), _FETCHED)
        return id

    def play(self, media: commands.Media, loop: int = 1) -> OperationId:
        """Start a playback."""
        id = next(self._ids)
        self.worked = True
        self._begin(id, commands.StartPlayback(id, media, loop), commands.StopPlayback(id), _PLAYED)
        return id

    def hold(self, on: bool) -> None:
        """Let what is played wait in silence, or go on where it was."""
        for id, live in self._live.items():
            if live.news is _PLAYED:
                self.emit(commands.HoldPlayback(id, on))

    def send_digits(self, digits: str, leg: OperationId | None = None) -> OperationId:
        """Send keys."""
        id = next(self._ids)
        self.worked = True
        self._begin(id, commands.SendDigits(id, digits, leg), commands.StopPlayback(id), _SENT)
        return id

    def set_timer(self, seconds: float) -> OperationId:
        """Start a timer."""
        id = next(self._ids)
        self.worked = True
        self._begin(id, commands.SetTimer(id, seconds), commands.CancelTimer(id), _FIRED)
        return id

    def start_leg(self, target: Noun, caller_id: str | None) -> OperationId:
        """Dial."""
        assert isinstance(target, Number | Sip | Client | Application), "the parser makes no other nouns"
        id = next(self._ids)
        self.worked = True
        self._begin(id, commands.StartLeg(id, target, caller_id), commands.HangupLeg(id), LEG)
        return id

    def record(self, start: Callable[[OperationId], commands.StartRecording], *, lasting: bool = False) -> OperationId:
        """Start a recording; a ``lasting`` one goes on until it is stopped or the call ends."""
        id = next(self._ids)
        self.worked = self.worked or not lasting
        self._begin(id, start(id), commands.StopRecording(id), _RECORDED, lasting)
        return id

    def listen(self, make: Callable[[OperationId], commands.StartListening]) -> OperationId:
        """Begin to understand what the caller says."""
        id = next(self._ids)
        self.worked = True
        self._begin(id, make(id), commands.StopListening(id), _HEARD)
        return id

    def join_conference(self, noun: Conference) -> OperationId:
        """Take part in a conference."""
        id = next(self._ids)
        self.worked = True
        self._begin(id, commands.JoinConference(id, noun), commands.LeaveConference(id), _CONFERENCE)
        return id

    def send_message(self, make: Callable[[OperationId], commands.SendMessage]) -> OperationId:
        """Send a short message."""
        id = next(self._ids)
        self._begin(id, make(id), commands.ForgetMessage(id), _TAKEN)
        return id

    def start(
        self,
        make: Callable[[OperationId], commands.Command],
        stop: Callable[[OperationId], commands.Command],
        news: News,
        *,
        lasting: bool = False,
    ) -> OperationId:
        """Start what one kind of verb alone starts; ``make`` and ``stop`` are its commands, ``news`` the events it causes.

        A ``lasting`` one goes on until it is stopped or the call ends.
        """
        id = next(self._ids)
        self.worked = self.worked or not lasting
        self._begin(id, make(id), stop(id), news, lasting)
        return id

    def admits(self, event: events.Event) -> bool:
        """Whether an event is news of something live, by id and by kind; its end is noted."""
        id = getattr(event, "id", None)
        if id is None:
            return isinstance(event, events.Referred) or (isinstance(event, events.DigitReceived) and event.digit in KEYS)
        live = self._live.get(id)
        if live is None or not isinstance(event, live.news):
            return False
        if isinstance(event, _ENDS):
            del self._live[id]
        return True

    def lives(self, id: OperationId) -> bool:
        """Whether a started thing has neither ended nor been stopped."""
        return id in self._live

    def stop(self, id: OperationId | None) -> None:
        """Stop a started thing, if it is live."""
        live = self._live.pop(id, None) if id is not None else None
        if live is not None:
            self.emit(live.stop)

    def keep(self, id: OperationId, lasting: bool) -> None:
        """Let a live thing last beyond its verb, or no longer."""
        live = self._live.get(id)
        if live is not None:
            self._live[id] = replace(live, lasting=lasting)

    def stop_all(self, *, lasting: bool = False, but: OperationId | None = None) -> None:
        """Stop whatever is live, the last started first; what lasts only when that is asked for. One thing may go on."""
        for id, live in reversed(list(self._live.items())):
            if (lasting or not live.lasting) and id != but:
                self.stop(id)

    def resolve(self, reference: str) -> str:
        """An absolute URL from one in the document (RFC 3986 section 5). Raises VerbFailed."""
        try:
            url = urljoin(self.base, reference) if reference else self.base
            parts = urlsplit(url)
            valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            url, valid = reference, False
        if not valid:
            code = BAD_URL if self.base else NO_BASE
            raise VerbFailed(code, url, f"{reference[:200]!r} is no URL that can be requested")
        return url

    def callback(self, reference: str) -> str:
        """An absolute URL that is told things; empty, with a warning, when there is none (spec section 1.9)."""
        try:
            return self.resolve(reference) if reference else ""
        except VerbFailed as failure:
            self.report(failure.code, f"{failure}: nothing is told there", url=failure.url)
            return ""

    def jump(self, reference: str, method: str, parameters: Parameters = ()) -> Jump:
        """Go on with the document at a reference; an empty one is the current document."""
        return Jump(self.resolve(reference), method, parameters)

    def _begin(self, id: OperationId, start: commands.Command, stop: commands.Command, news: News, lasting: bool = False) -> None:
        self._live[id] = _Live(stop, news, lasting)
        self.emit(start)
