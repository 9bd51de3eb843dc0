"""The caller in a conversation: what is said and pressed becomes prompts, and cuts off what the application says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from markup.verbs import ConversationRelay
from media.recognition.engine import Task, Transcript
from media.track import Track
from sip import events as network
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.listening.listening import Listening, Told
from voice.listening.profanity import mask
from voice.listening.recognizers import BUILT_IN, Chosen
from voice.relay import messages
from voice.relay.agenda import Agenda
from voice.relay.echo import FEWEST_WORDS, is_echo
from voice.relay.manner import Manner, is_backchannel, is_cut_off_by

HEARING_FAILED = 64101
SURE_SECONDS = 0.5
"""A voice that goes on for so long after it was heard is one, whether it is understood or not: a cough is shorter."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How the caller reaches the application."""

    put: Callable[[dict[str, Any]], None]
    """Send it a message."""
    cut_off: Callable[[], None]
    """Silence it."""
    warn: Callable[[int, str], None]
    note: Callable[[str, str], None]
    """Write something that was said into the journal."""


class Caller:
    """Listens from ``listen`` until ``close``."""

    def __init__(
        self, line: Line, noun: ConversationRelay, resources: Resources, manner: Manner, agenda: Agenda, ways: Ways
    ) -> None:
        self._line, self._noun, self._resources = line, noun, resources
        self._manner, self._agenda, self._ways = manner, agenda, ways
        self._tells_speakers = "speaker-events" in (*noun.events, *noun.debug)
        self._listening: Listening | None = None
        self._chosen: Chosen
        self._doubt: asyncio.TimerHandle | None = None
        """Until it is certain that somebody speaks."""
        self._unfinished = ""
        """What is understood so far of an utterance that is not over."""

    def take_leave(self) -> None:
        """The caller has hung up: what was understood of an utterance that is not over is told, where that is wanted."""
        words = self._filtered(self._unfinished)
        if words and self._noun.partial_prompt_on_hangup and self._reports("speech"):
            self._ways.note("prompt", words)
            self._ways.put(messages.prompt(words, self._manner.hearing.language, last=True))

    def close(self) -> None:
        """Listen no longer."""
        if self._doubt is not None:
            self._doubt.cancel()
        if self._listening is not None:
            self._listening.close()
        if self._hear in self._line.listeners:
            self._line.listeners.remove(self._hear)

    def listen(self) -> None:
        """Listen to the caller from now on, in the language of this moment."""
        if self._listening is not None:
            self._listening.close()
        else:
            self._line.listeners.append(self._hear)
        resources, hearing = self._resources, self._manner.hearing
        chosen = self._chosen = self._choose()
        if chosen.language != hearing.language:
            self._ways.warn(
                HEARING_FAILED, f"{hearing.language[:60]!r} is not understood here: {chosen.language} is listened for"
            )
        only_hints = chosen.name == BUILT_IN.name  # which understands little but what is hinted at
        task = Task(resources.studio.bus.rate, chosen.language, hearing.hints, hearing.model, only_hints=only_hints)
        self._trust()
        understood = partial(self._understood, language=chosen.language)
        if chosen.stands_in:
            self._ways.note("stand-in", f"{chosen.name} listens")
        told = Told(self._voice, self._read, understood, self._deaf, self._goes_on)
        track = Track(self._line.row)
        self._listening = Listening(resources.studio, track, chosen.desk, task, self._manner.listening, told)

    def _choose(self) -> Chosen:
        hearing = self._manner.hearing
        return self._resources.recognizers.choose(hearing.language, hearing.model, hearing.provider, hearing.hints)

    def _choose_anew(self) -> None:
        """Let another engine listen when one has failed, and the right one when that has recovered; not within an utterance."""
        if self._listening is not None and not self._listening.busy and self._choose().name != self._chosen.name:
            self.listen()

    def _voice(self) -> None:
        if self._tells_speakers:
            self._ways.put(messages.info("clientSpeaking", "on"))
        waits_for_words = self._noun.ignore_backchannel or self._noun.echo_prompt_filtering
        if self._noun.interrupt_sensitivity == "high" and not waits_for_words:
            self._suspect()

    def _goes_on(self, on: bool) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            if on:
                self._wait_to_be_sure()

    def _suspect(self) -> None:
        """Somebody may be speaking: be silent at once, and give way when it goes on, or words are understood."""
        if self._agenda.busy and is_cut_off_by("speech", self._agenda.interruptible):
            self._agenda.hold(True)
            self._wait_to_be_sure()

    def _wait_to_be_sure(self) -> None:
        self._doubt = asyncio.get_running_loop().call_later(SURE_SECONDS, self._give_way)

    def _give_way(self) -> None:
        """It is a voice: what it cannot cut off, because that has taken the place of what it could, need not wait for it."""
        self._cut_off("speech")
        self._trust()

    def _trust(self) -> None:
        """It was nothing, or is decided: what was held goes on, if there is anything left of it."""
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None
        if self._agenda.hold(False):
            self._ways.note("false start", "")

    def _read(self, words: str) -> None:
        if self._is_echo(words, fewest=1):
            return
        self._unfinished = words
        needed = 2 if self._noun.interrupt_sensitivity == "low" else 1
        if len(words.split()) >= needed and not (self._noun.ignore_backchannel and is_backchannel(words)):
            self._cut_off("speech")
        if self._noun.partial_prompts and words and self._reports("speech"):
            self._ways.put(messages.prompt(self._filtered(words), self._manner.hearing.language, last=False))

    def _understood(self, heard: Transcript, language: str) -> None:
        self._consider(heard, language)
        self._trust()
        self._choose_anew()

    def _consider(self, heard: Transcript, language: str) -> None:
        text = self._filtered(heard.text)
        self._manner.find_out(heard.language)
        self._unfinished = ""
        self._resources.metrics.recognitions.labels(recognizer="relay", outcome="understood" if text else "nothing").inc()
        if self._tells_speakers:
            self._ways.put(messages.info("clientSpeaking", "off"))
        if not text or (self._agenda.busy and self._noun.ignore_backchannel and is_backchannel(text)):
            return
        if self._is_echo(text):
            self._ways.note("echo", text)
            return
        self._cut_off("speech")
        if self._reports("speech"):
            self._ways.note("prompt", text)
            self._ways.put(messages.prompt(text, heard.language or language, last=True))

    def _deaf(self, error: str) -> None:
        """What was said is lost: the application may ask the caller to say it again."""
        self._trust()
        self._unfinished = ""
        self._resources.metrics.recognitions.labels(recognizer="relay", outcome="failed").inc()
        if self._tells_speakers:
            self._ways.put(messages.info("clientSpeaking", "off"))
        self._ways.put(messages.error(f"what the caller said is not understood: {error}"))
        self._ways.warn(HEARING_FAILED, f"speech is not understood: {error}")
        self._resources.recognizers.avoid(self._chosen)
        self._choose_anew()

    def _hear(self, event: network.Event) -> None:
        match event:
            case network.Digit(digit=digit) if not self._line.secrecy.holds:
                self._cut_off("dtmf")
                if self._noun.dtmf_detection and self._reports("dtmf"):
                    self._ways.put(messages.dtmf(digit))

    def _reports(self, kind: str) -> bool:
        """Whether input is told: while the application speaks and may not be cut off by it, only where that is asked."""
        if not self._agenda.busy or is_cut_off_by(kind, self._agenda.interruptible):
            return True
        return is_cut_off_by(kind, self._noun.report_input_during_agent_speech)

    def _cut_off(self, kind: str) -> None:
        if self._agenda.busy and is_cut_off_by(kind, self._agenda.interruptible):
            self._ways.cut_off()
            self._trust()

    def _is_echo(self, words: str, fewest: int = FEWEST_WORDS) -> bool:
        """Whether words are an echo; the first ones of an utterance may turn out to be one."""
        return self._noun.echo_prompt_filtering and is_echo(words, self._agenda.audible_text, fewest)

    def _filtered(self, text: str) -> str:
        return mask(text) if self._noun.profanity_filter else text
