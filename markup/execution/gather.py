"""Gather (spec section 2.4)."""

from __future__ import annotations

from collections.abc import Generator

from markup import events
from markup.commands import Notify, StartListening
from markup.events import OperationId, Parameters
from markup.execution.nested import goes_on, sequence
from markup.readers import hints_of
from markup.script import Next, Run, Script
from markup.verbs import Gather

NESTED_NOT_AUDIO = 13325
AUTO_WITH_MODEL = 13335

First = events.DigitReceived | events.SpeechUnderstood | None
"""What a Gather was given first; None is nothing."""


def gather(script: Script, verb: Gather) -> Run:
    """Collect keys or words while the nested verbs are heard; the first kind that comes is the one that counts."""
    script.answer()
    ear = _listen(script, verb) if "speech" in verb.input else None
    first = yield from _race(script, verb, ear)
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


def _race(script: Script, verb: Gather, ear: OperationId | None) -> Generator[None, events.Event, First]:
    """Until there is a key or an utterance, or neither for too long. A key comes first as long as no word was understood."""
    callback = script.callback(verb.partial_result_callback) if ear is not None else ""
    patience = _Patience(script, verb)
    words, told = "", 0
    while True:
        event = yield
        match event:
            case events.DigitReceived() if "dtmf" in verb.input and not words:
                patience.close()
                return event
            case events.VoiceHeard():
                patience.hear_voice(ear)
            case events.WordsHeard(text=words) if callback:
                script.emit(_partial_result(callback, verb, words, told))
                told += 1
            case events.NothingUnderstood():
                patience.hear_nothing()
                words = ""
            case events.SpeechUnderstood():
                while patience.prompting:
                    patience.take((yield))
                return event
            case events.ListeningFailed(code=code, message=message):
                script.report(code, message, "error")
                patience.close()
                return None
            case _ if patience.take(event):
                return None


class _Patience:
    """The prompts, and how long a caller who says nothing is waited for when they are over."""

    def __init__(self, script: Script, verb: Gather) -> None:
        self._script = script
        self._verb = verb
        self._prompts = sequence(script, verb.children, NESTED_NOT_AUDIO)
        self._timer: OperationId | None = None
        self._voice = False
        self.prompting = goes_on(self._prompts)
        self._wait()

    def take(self, event: events.Event) -> bool:
        """What concerns the prompts or the time; whether that is over."""
        if self.prompting:
            self.prompting = goes_on(self._prompts, event)
            self._wait()
            return False
        return self._timer is not None and event == events.TimerFired(self._timer)

    def hear_voice(self, ear: OperationId | None) -> None:
        """Somebody speaks, which takes as long as it takes and silences the prompts, unless they may not be interrupted."""
        self._voice = True
        self._script.stop(self._timer)
        if self._verb.barge_in:
            self.close()
            self._script.stop_all(but=ear)

    def hear_nothing(self) -> None:
        """It was not speech."""
        self._voice = False
        self._wait()

    def close(self) -> None:
        """End the prompts."""
        self.prompting = False
        self._prompts.close()

    def _wait(self) -> None:
        if not self.prompting and not self._voice:
            self._timer = self._script.set_timer(self._verb.timeout)


def _listen(script: Script, verb: Gather) -> OperationId:
    silence: int | None = int(verb.speech_timeout or verb.timeout) if verb.speech_timeout != "auto" else None
    if silence is None and verb.speech_model != "default":
        message = f"speechTimeout='auto' needs a <Gather> without speechModel: {verb.timeout} s of silence end the speech"
        script.report(AUTO_WITH_MODEL, message)
        silence = verb.timeout
    hints = hints_of(verb.hints)
    manners = (verb.language, hints, verb.speech_model, silence, verb.max_speech_time, verb.profanity_filter)
    return script.listen(lambda number: StartListening(number, *manners))


def _partial_result(url: str, verb: Gather, words: str, number: int) -> Notify:
    parameters = (
        ("UnstableSpeechResult", words),
        ("StableSpeechResult", ""),
        ("Stability", "0"),
        ("SequenceNumber", str(number)),
        ("Language", verb.language),
    )
    return Notify(url, verb.partial_result_callback_method, parameters)


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
