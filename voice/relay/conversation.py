"""One conversation: the caller's words go to the application as text, and its text is spoken to the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from markup.commands import Report
from markup.verbs import ConversationRelay
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.errors import RelayFailed
from voice.identifiers import new_sid
from voice.relay import messages
from voice.relay.agenda import Agenda, Told
from voice.relay.caller import Caller, Ways
from voice.relay.link import CLOSED, Connect, Link
from voice.relay.manner import Manner
from voice.relay.stage import Stage
from voice.relay.utterances import Utterances
from voice.story.reports import report
from voice.web.peer import BAD_CONTENT, IN_GOOD_ORDER

SPEECH_FAILED = 64111
BAD_VOICE = 13511
MOST_WRONG = 10
"""Wrong messages in a row, after which the application is given up."""

Status = Literal["completed", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a conversation ended."""

    status: Status
    handoff: str | None = None
    code: int = 0
    message: str = ""


class Conversation:
    """Talks until it is stopped or over.

    ``connect`` reaches the application, ``began`` is told that it answers for the first time; ``over`` is told once how it ended,
    unless it was stopped.
    """

    def __init__(
        self,
        line: Line,
        noun: ConversationRelay,
        resources: Resources,
        connect: Connect,
        over: Callable[[Outcome], None],
        began: Callable[[], None] = lambda: None,
    ) -> None:
        self.sid = new_sid("VX")
        self._line, self._noun, self._resources = line, noun, resources
        self._began, self._over = began, over
        self._since = resources.now()
        self._manner = Manner(noun, resources.settings.synthesizer)
        told = Told(self._speaks, self._played, self._interrupted, self._cannot_speak, self._stood_in, self._idle)
        self._agenda = Agenda(Stage(line, resources.studio, self._manner), resources.studio.bus.rate, told)
        self._utterances = Utterances(noun, self._manner, self._agenda, self._cannot_speak)
        self._link = Link(lambda: connect(line.call.account_sid), reconnects=noun.application_reconnect, lost=self._lose)
        ways = Ways(self._link.put, self._cut_off, self._warn, lambda event, text: self._note(event, text=text))
        self._caller = Caller(line, noun, resources, self._manner, self._agenda, ways)
        self._begun = False
        self._wrong = 0
        self._warned: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def seconds(self) -> int:
        """How long it has lasted."""
        return int(self._resources.now() - self._since)

    def start(self) -> None:
        """Connect, and talk."""
        self._note("connecting", url=self._noun.url)
        self._task = asyncio.get_running_loop().create_task(self._run())

    def stop(self) -> None:
        """Leave; nobody is told but the application, also what a caller was saying who has hung up."""
        if self._task is not None:
            if not self._line.call.live:
                self._caller.take_leave()
            self._task.cancel()

    async def _run(self) -> None:
        outcome = Outcome("completed")
        try:
            outcome = await self._talk()
        except asyncio.CancelledError:
            self._tell_end(outcome)
            raise
        except RelayFailed as failure:
            outcome = Outcome("failed", None, failure.code, str(failure))
            report(self._line.call, self._resources.metrics, Report(failure.code, str(failure), "error", self._noun.url))
        except Exception as error:
            self._line.call.log.error("a conversation failed", session_id=self.sid, exc_info=error)
            outcome = Outcome("failed", None, CLOSED, f"internal failure: {type(error).__name__}")
        finally:
            self._caller.close()
            self._utterances.close()
            self._agenda.close()
            self._link.close(BAD_CONTENT if self._wrong >= MOST_WRONG else IN_GOOD_ORDER)
        self._tell_end(outcome)
        self._over(outcome)

    def _tell_end(self, outcome: Outcome) -> None:
        self._note("over", status=outcome.status, code=outcome.code, error=outcome.message)

    def _lose(self, why: str) -> None:
        self._note("reconnecting", error=why)

    def _begin(self) -> dict[str, Any]:
        """The application answers, for the first time or again: what it is told first."""
        parameters = {parameter.name: parameter.value for parameter in self._noun.parameters}
        self._note("connected")
        if not self._begun:
            self._begun = True
            self._began()
            self._caller.listen()
            if self._noun.welcome_greeting:
                self._utterances.greet(self._noun.welcome_greeting)
        return messages.setup(self.sid, self._line.call, parameters)

    async def _talk(self) -> Outcome:
        performing = asyncio.create_task(self._agenda.run())
        talking = asyncio.create_task(self._link.converse(self._begin, self._obey))
        try:
            done, _ = await asyncio.wait((performing, talking), return_when=asyncio.FIRST_COMPLETED)
            if performing in done:
                await performing
            return await talking
        finally:
            for task in (performing, talking):
                task.cancel()
            await asyncio.gather(performing, talking, return_exceptions=True)

    def _obey(self, raw: str | bytes) -> Outcome | None:
        try:
            message = messages.read(raw)
        except messages.BadMessage as bad:
            self._wrong += 1
            self._link.put(messages.error(f"{messages.INVALID} Invalid message received: {bad}"))
            self._warn(messages.INVALID, f"a message of the application is left out: {bad}")
            if self._wrong >= MOST_WRONG:
                raise RelayFailed(CLOSED, f"{MOST_WRONG} messages in a row were not understood") from None
            return None
        self._wrong = 0
        match message:
            case messages.Text():
                self._utterances.take(message)
            case messages.Play():
                self._utterances.play(message)
            case messages.Keys(digits):
                self._utterances.press(digits)
            case messages.Languages(spoken, heard):
                self._manner.change(spoken, heard)
                if heard:
                    self._caller.listen()
            case messages.End(handoff):
                return Outcome("ended", handoff)
        return None

    # what the caller hears

    def _speaks(self, on: bool) -> None:
        if "speaker-events" in (*self._noun.events, *self._noun.debug):
            self._link.put(messages.info("agentSpeaking", "on" if on else "off"))

    def _stood_in(self, remark: str) -> None:
        self._warn(BAD_VOICE, remark)

    def _idle(self) -> None:
        self._utterances.watch()

    def _played(self, text: str) -> None:
        self._note("spoken", text=text)
        if "tokens-played" in (*self._noun.events, *self._noun.debug):
            self._link.put(messages.info("tokensPlayed", text))

    def _interrupted(self, text: str, milliseconds: int) -> None:
        self._note("interrupt", text=text, milliseconds=milliseconds)
        self._link.put(messages.interrupt(text, milliseconds))

    def _cannot_speak(self, error: str) -> None:
        self._link.put(messages.error(f"{SPEECH_FAILED} something cannot be heard: {error}"))
        self._warn(SPEECH_FAILED, error)

    def _cut_off(self) -> None:
        self._utterances.forget()
        self._agenda.interrupt()

    def _warn(self, code: int, message: str) -> None:
        """Tell a warning, once for each code."""
        if code not in self._warned:
            self._warned.add(code)
            report(self._line.call, self._resources.metrics, Report(code, message, "warning", self._noun.url))

    def _note(self, event: str, **facts: str | int) -> None:
        self._line.call.journal.add("relay", at=None, sid=self.sid, event=event, **facts)
