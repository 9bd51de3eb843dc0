"""Gather (spec section 2.4)."""

from __future__ import annotations

from collections.abc import Generator

from markup import events
from markup.commands import Notify, StartListening
from markup.events import OperationId, Parameters
from markup.execution.prompts import Prompts
from markup.readers import hints_of
from markup.script import Next, Run, Script
from markup.verbs import Gather

NESTED_NOT_AUDIO = 13325
AUTO_WITH_MODEL = 13335
FALSE_START_SECONDS = 0.6
"""So long behind the pause of a voice are words waited for, before it is taken for a cough. The pause takes 200 ms to be one."""

First = events.DigitReceived | events.SpeechUnderstood | None
"""What a Gather was given first; None is nothing."""


def gather(script: Script, verb: Gather) -> Run:
    """Collect keys or words while the nested verbs are heard; the first kind that comes is the one that counts."""
    script.answer()
    ear = _listen(script, verb) if "speech" in verb.input else None
    first = yield from _race(script, verb)
    script.stop(ear)
    match first:
        case events.DigitReceived(digit):
            return (yield from _collect(script, verb, digit))
        case events.SpeechUnderstood(text=text, confidence=confidence, language=language):
            script.stop_all()
            script.outcome = f"speech {text!r}"
            parameters: Parameters = (("SpeechResult", text), ("Language", language or verb.language))
            if confidence is not None:
                parameters += (("Confidence", f"{confidence:.8g}"),)
            return script.jump(verb.action, verb.method, parameters)
    return _result(script, verb, "", "")


def _race(script: Script, verb: Gather) -> Generator[None, events.Event, First]:
    """Until there is a key or an utterance, or neither for too long. A key comes first as long as no word was understood."""
    told = _PartialResults(script, verb)
    patience = _Patience(script, verb)
    while True:
        event = yield
        match event:
            case events.DigitReceived() if "dtmf" in verb.input and not patience.words:
                return event
            case events.VoiceHeard() | events.VoicePaused() | events.WordsHeard() | events.NothingUnderstood():
                patience.hear(event)
                told.hear(event)
            case events.SpeechUnderstood():
                while not (verb.barge_in or patience.prompts.over):
                    patience.take((yield))
                return event
            case events.ListeningFailed(code=code, message=message):
                script.report(code, message, "error")
                return None
            case _ if patience.take(event):
                return None


class _Patience:
    """The prompts, and how long a caller who says nothing is waited for when they are over.

    A voice lets the prompts wait, unless they may not be interrupted; they go on when it was a cough: when it has paused and no
    words come. Where words come late after all, they wait again. What was said ends them, when it is understood.
    """

    def __init__(self, script: Script, verb: Gather) -> None:
        self._script = script
        self._verb = verb
        self.prompts = Prompts(script, verb.children, NESTED_NOT_AUDIO)
        self.words = ""
        """Of the utterance that goes on, as far as they are understood."""
        self._speaking = False
        """Whether an utterance goes on."""
        self._silence: OperationId | None = None
        """The timer of a caller who says nothing."""
        self._doubt: OperationId | None = None
        """The timer of a voice that has paused before there was a word."""
        self._wait()

    def take(self, event: events.Event) -> bool:
        """What concerns the prompts or the time; whether that is over."""
        if self._silence is not None and event == events.TimerFired(self._silence):
            return True
        if self._doubt is not None and event == events.TimerFired(self._doubt):
            self.prompts.go_on()
        else:
            self.prompts.take(event)
        self._wait()
        return False

    def hear(self, event: events.Event) -> None:
        """What concerns a voice."""
        match event:
            case events.VoiceHeard():
                self._begin()
            case events.WordsHeard(text=words):
                self.words = words
                self._begin()
            case events.VoicePaused() if self.prompts.wait and not self.words:
                self._forget_timers()
                self._doubt = self._script.set_timer(FALSE_START_SECONDS)
            case events.NothingUnderstood():
                self.words, self._speaking = "", False
                self._forget_timers()
                self.prompts.go_on()
                self._wait()

    def _begin(self) -> None:
        """Somebody speaks, which takes as long as it takes."""
        self._speaking = True
        self._forget_timers()
        if self._verb.barge_in:
            self.prompts.hold()

    def _wait(self) -> None:
        if self._silence is None and self.prompts.over and not self._speaking:
            self._silence = self._script.set_timer(self._verb.timeout)

    def _forget_timers(self) -> None:
        for timer in (self._silence, self._doubt):
            self._script.stop(timer)
        self._silence = self._doubt = None


class _PartialResults:
    """Tells the callback, if there is one, what is understood so far."""

    def __init__(self, script: Script, verb: Gather) -> None:
        self._script = script
        self._verb = verb
        self._url = script.callback(verb.partial_result_callback) if "speech" in verb.input else ""
        self._told = 0

    def hear(self, event: events.Event) -> None:
        """Words are told, in order."""
        if not (self._url and isinstance(event, events.WordsHeard)):
            return
        parameters = (
            ("UnstableSpeechResult", event.text),
            ("StableSpeechResult", ""),
            ("Stability", "0"),
            ("SequenceNumber", str(self._told)),
            ("Language", self._verb.language),
        )
        self._told += 1
        self._script.emit(Notify(self._url, self._verb.partial_result_callback_method, parameters))


def _listen(script: Script, verb: Gather) -> OperationId:
    silence: int | None = int(verb.speech_timeout or verb.timeout) if verb.speech_timeout != "auto" else None
    if silence is None and verb.speech_model != "default":
        message = f"speechTimeout='auto' needs a <Gather> without speechModel: {verb.timeout} s of silence end the speech"
        script.report(AUTO_WITH_MODEL, message)
        silence = verb.timeout
    hints = hints_of(verb.hints)
    manners = (verb.language, hints, verb.speech_model, silence, verb.max_speech_time, verb.profanity_filter)
    return script.listen(lambda number: StartListening(number, *manners))


def _collect(script: Script, verb: Gather, digit: str) -> Run:
    """The keys from the first one on."""
    script.stop_all()
    digits = ""
    while True:
        if digit == verb.finish_on_key:
            return _result(script, verb, digits, digit)
        digits += digit
        if len(digits) == verb.num_digits:
            return _result(script, verb, digits, "")
        timer, digit = script.set_timer(verb.timeout), ""
        while not digit:
            match (yield):
                case events.TimerFired(id) if id == timer:
                    return _result(script, verb, digits, "")
                case events.DigitReceived(digit):
                    script.stop(timer)


def _result(script: Script, verb: Gather, digits: str, finished_on: str) -> Next:
    """Input goes to the action; without any the next verb runs, unless the document asks otherwise."""
    script.stop_all()
    script.outcome = f"digits {digits}" if digits else "no digits" if finished_on else "timeout"
    if not digits and not verb.action_on_empty_result:
        return None
    parameters = (("Digits", digits), ("FinishedOnKey", finished_on if digits else ""), ("msg", "Gather End"))
    return script.jump(verb.action, verb.method, parameters)
