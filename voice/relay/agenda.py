"""What an application wants the caller to hear, one thing after the other, until the caller cuts it off."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from media.frame import Samples
from media.source import Clip, SampleQueue, Source, remarks_of
from voice.relay.clauses import heard_part
from voice.relay.stage import Stage
from voice.sound.studio import Listener
from voice.web.webhook import WebhookFailure

MOST_WAITING = 2_000
"""Pieces; an application that sends more at a time loses the rest."""
ECHO_SECONDS, MOST_LATELY = 3.0, 20
"""How long, and how many, texts are remembered for what comes back of them."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be heard: text, a file or keys."""

    turn: int
    """Items of one turn are one utterance."""
    text: str = ""
    language: str = ""
    url: str = ""
    loop: int = 1
    digits: str = ""
    interruptible: str = "any"
    """``none``, ``dtmf``, ``speech`` or ``any``."""
    preemptible: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell."""

    speaking: Callable[[bool], None]
    """Something begins to be heard, or nothing is any more."""
    played: Callable[[str], None]
    """A text was heard to its end."""
    interrupted: Callable[[str, int], None]
    """What was heard of an utterance until it was cut off, and the milliseconds of it."""
    failed: Callable[[str], None]
    remarked: Callable[[str], None]
    """Something is heard, but not as it was asked for."""
    idle: Callable[[], None]
    """Nothing waits to be heard any more."""


class Agenda:
    """Performs items in order; ``rate`` is that of the samples."""

    def __init__(self, stage: Stage, rate: int, told: Told) -> None:
        self._stage = stage
        self._rate = rate
        self._told = told
        self._items: deque[Item] = deque()
        self._more = asyncio.Event()
        self._current: Item | None = None
        self._number: int | None = None
        self._fetching: asyncio.Future[Samples] | None = None
        self._cutting = ""
        """Why what is heard is cut off: ``interrupt`` or ``preempt``."""
        self._turn = -1
        self._heard = ""
        self._sent = 0
        """Text and samples of this turn that were heard."""
        self._audible = False
        self._held = False
        """Whether what is heard waits in silence."""
        self._lately: deque[tuple[float, str]] = deque(maxlen=MOST_LATELY)
        """When texts were over, and the texts."""

    @property
    def busy(self) -> bool:
        """Whether anything is heard or waits to be."""
        return self._current is not None or bool(self._items)

    @property
    def audible_text(self) -> str:
        """What is heard now, or was lately: long enough ago, nothing of it is on the line any more."""
        loop = asyncio.get_running_loop()
        texts = [text for ended, text in self._lately if loop.time() - ended < ECHO_SECONDS]
        return " ".join([*texts, self._current.text if self._current is not None else ""])

    @property
    def interruptible(self) -> str:
        """What may cut off that which is heard now."""
        item = self._current or (self._items[0] if self._items else None)
        return item.interruptible if item is not None else "none"

    def add(self, item: Item) -> bool:
        """Append something; whether there was room."""
        if len(self._items) >= MOST_WAITING:
            return False
        self._items.append(item)
        self._more.set()
        return True

    def hold(self, on: bool) -> bool:
        """Let what is heard wait in silence, or go on where it was; whether that is a change."""
        changed, self._held = on != self._held, on
        if changed and self._number is not None:
            self._stage.hold(self._number, on)
        return changed

    def interrupt(self) -> None:
        """Cut off what is heard, and forget what waits."""
        self._held = False
        self._items.clear()
        self._cut("interrupt")

    def preempt(self) -> None:
        """Make room for something new: what is heard and what waits goes, as far as it may be cut off by that."""
        self._items = deque(item for item in self._items if not item.preemptible)
        if self._current is not None and self._current.preemptible:
            self._cut("preempt")

    async def run(self) -> None:
        """Perform, for ever."""
        while True:
            while not self._items:
                self._quieten()
                self._told.idle()
                self._more.clear()
                await self._more.wait()
            self._current = item = self._items.popleft()
            if item.turn != self._turn:
                self._turn, self._heard, self._sent = item.turn, "", 0
            try:
                await self._perform(item)
            finally:
                self._current = None
            if self._cutting == "interrupt":
                self._told.interrupted(" ".join(self._heard.split()), self._sent * 1000 // self._rate)
            self._cutting = ""

    def close(self) -> None:
        """Fall silent at once."""
        self._items.clear()
        if self._number is not None:
            self._stage.cut(self._number)

    def _cut(self, why: str) -> None:
        if self._current is not None and not self._cutting:
            self._cutting = why
            if self._fetching is not None:
                self._fetching.cancel()
            if self._number is not None:
                self._stage.cut(self._number)

    async def _perform(self, item: Item) -> None:
        if item.digits:
            await self._stage.send_digits(item.digits)
        elif item.url:
            samples = await self._fetched(item.url)
            if samples is not None and not self._cutting:
                await self._play(Clip(samples, item.loop), "")
        elif item.text.strip():
            await self._play(self._stage.speak(item.text, item.language), item.text)
        else:
            self._heard += item.text

    async def _fetched(self, url: str) -> Samples | None:
        """None when it cannot be had, or is cut off before it is there."""
        fetching = self._fetching = asyncio.ensure_future(self._stage.fetch(url))
        try:
            await asyncio.wait((fetching,))
        finally:
            fetching.cancel()
            self._fetching = None
        if fetching.cancelled():
            return None
        try:
            return fetching.result()
        except WebhookFailure as failure:
            self._told.failed(str(failure))
            return None

    async def _play(self, source: Source, text: str) -> None:
        over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        sent = 0

        def count(samples: int) -> None:
            nonlocal sent
            sent = samples

        def finished(error: str) -> None:
            if not over.done():
                over.set_result(error)

        self._number = self._stage.play(source, Listener(self._begin, finished, sent=count))
        if self._held:
            self._stage.hold(self._number, True)
        try:
            error = await over
        finally:
            self._number = None
        for remark in remarks_of(source):
            self._told.remarked(remark)
        self._sent += sent
        self._lately.append((asyncio.get_running_loop().time(), text))
        whole = _length(source)
        self._heard += text if not self._cutting else heard_part(text, sent / whole if whole else 0.0)
        if error:
            self._told.failed(error)
        elif text and not self._cutting:
            self._told.played(text)

    def _begin(self) -> None:
        if not self._audible:
            self._audible = True
            self._told.speaking(True)

    def _quieten(self) -> None:
        if self._audible:
            self._audible = False
            self._told.speaking(False)


def _length(source: Source) -> int:
    """How many samples a source has, as far as they are made."""
    return source.length if isinstance(source, Clip | SampleQueue) else 0
