"""What an application says, message by message, as things that the caller hears one after the other."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass

from markup.verbs import ConversationRelay
from voice.relay import messages
from voice.relay.agenda import MOST_WAITING, Agenda, Item
from voice.relay.clauses import Clauses
from voice.relay.manner import Manner

PAUSE_SECONDS = 0.3
"""After so long without a token, and with nothing to be heard, the words that have come are spoken."""
LONGEST_WAIT_SECONDS = 0.8
"""So long may words wait in silence while others follow them without a pause, and without a place to make one."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How a piece is spoken."""

    language: str
    interruptible: str
    preemptible: bool


class Utterances:
    """Makes items of messages, and puts them on the agenda; ``refuse`` is told what finds no place there."""

    def __init__(self, noun: ConversationRelay, manner: Manner, agenda: Agenda, refuse: Callable[[str], None]) -> None:
        self._noun, self._manner, self._agenda, self._refuse = noun, manner, agenda, refuse
        self._clauses = Clauses()
        self._turns = itertools.count(1)
        self._turn = 0
        """Of the utterance that is being received; 0 between two."""
        self._way = self._of(None, None)
        """Of what is still to be spoken of it."""
        self._timer: asyncio.TimerHandle | None = None
        self._waiting_since: float | None = None
        """Since when words have waited in silence."""
        self._full = False

    def greet(self, text: str) -> None:
        """Speak the greeting."""
        cut = self._noun.welcome_greeting_interruptible
        self._add(Item(next(self._turns), text, self._manner.spoken, interruptible=cut))

    def take(self, text: messages.Text) -> None:
        """Speak what is complete by a token."""
        if not self._turn:
            self._turn = next(self._turns)
            self._agenda.preempt()
        self._way = way = self._of(text.interruptible, text.preemptible, text.lang)
        for piece in self._clauses.push(text.token, way.language):
            self._say(piece, way)
        if text.last:
            self._end()
        else:
            self.watch()

    def play(self, play: messages.Play) -> None:
        """Let a file be heard."""
        self._end()
        self._agenda.preempt()
        way = self._of(play.interruptible, play.preemptible)
        turn = next(self._turns)
        self._add(Item(turn, url=play.source, loop=play.loop, interruptible=way.interruptible, preemptible=way.preemptible))

    def press(self, digits: str) -> None:
        """Send keys."""
        self._end()
        self._add(Item(next(self._turns), digits=digits))

    def forget(self) -> None:
        """The caller has cut the utterance off: what comes next is another one."""
        self._clauses.flush()
        self._turn = 0
        self._rest()

    def watch(self) -> None:
        """Words that wait while nothing is heard are spoken at the next pause of the application."""
        self._stop_timer()
        if self._agenda.busy or not self._clauses.waiting:
            self._waiting_since = None
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        self._waiting_since = now if self._waiting_since is None else self._waiting_since
        patience = self._waiting_since + LONGEST_WAIT_SECONDS - now
        self._timer = loop.call_later(max(0.0, min(PAUSE_SECONDS, patience)), self._lose_patience)

    def close(self) -> None:
        """Wait for nothing more."""
        self._rest()

    def _lose_patience(self) -> None:
        self._rest()
        self._say(self._clauses.words(), self._way)

    def _end(self) -> None:
        """Nothing more comes of the utterance: the rest of it is spoken, as it was begun."""
        self._rest()
        self._say(self._clauses.flush(), self._way)
        self._turn = 0

    def _rest(self) -> None:
        self._stop_timer()
        self._waiting_since = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _of(self, interruptible: bool | None, preemptible: bool | None, language: str = "") -> _Way:
        cut = self._noun.interruptible if interruptible is None else "any" if interruptible else "none"
        return _Way(language or self._manner.spoken, cut, self._noun.preemptible if preemptible is None else preemptible)

    def _say(self, text: str, way: _Way) -> None:
        if text:
            self._add(Item(self._turn, text, way.language, interruptible=way.interruptible, preemptible=way.preemptible))

    def _add(self, item: Item) -> None:
        if self._agenda.add(item):
            self._full = False
        elif not self._full:
            self._full = True  # told once, and again when there was room meanwhile
            self._refuse(f"too much waits to be heard: what comes behind {MOST_WAITING} pieces is left out")
