"""Section 2.4, ``input`` with ``speech``."""

from __future__ import annotations

import pytest

from markup import commands, events
from markup.commands import (
    CancelTimer,
    EndCall,
    FetchDocument,
    HoldPlayback,
    Notify,
    SetTimer,
    StartListening,
    StartPlayback,
    StopListening,
    StopPlayback,
)
from tests.markup.dialogue import URL, Dialogue


def ear(call: Dialogue) -> int:
    return call.last(StartListening).id


def understood(call: Dialogue, text: str, confidence: float | None = None) -> list[commands.Command]:
    return call.tell(events.SpeechUnderstood(ear(call), text, confidence, "en-US"))


def test_what_is_listened_for_is_what_the_document_says() -> None:
    """Table of 2.4; `hints` are separated by commas."""
    call = Dialogue(
        "<Gather input='speech' language='de-DE' hints=' ja, nein ,,vielleicht nicht' profanityFilter='false' "
        "speechTimeout='2' maxSpeechTime='7'/>"
    )
    hints = ("ja", "nein", "vielleicht nicht")
    assert call.last(StartListening) == StartListening(ear(call), "de-DE", hints, "default", 2, 7, False)


@pytest.mark.parametrize(
    ("attributes", "silence", "reports"),
    [
        ("", 5, []),
        ("timeout='3'", 3, []),
        ("timeout='3' speechTimeout='1'", 1, []),
        ("timeout='3' speechTimeout='auto'", None, []),
        ("timeout='3' speechTimeout='auto' speechModel='phone_call'", 3, [13335]),
    ],
)
def test_the_silence_that_ends_speech(attributes: str, silence: int | None, reports: list[int]) -> None:
    """`speechTimeout`: the value of `timeout` unless given; 13335 W: `auto` with a speech model, timeout used."""
    call = Dialogue(f"<Gather input='speech' {attributes}/>")
    assert call.last(StartListening).silence == silence
    assert call.reports() == reports


def test_a_voice_silences_the_prompts_and_what_it_says_goes_to_the_action() -> None:
    """The first speech stops nested audio immediately; SpeechResult and Confidence as a decimal string."""
    call = Dialogue("<Gather input='speech' action='/said'><Say>One</Say><Say>Two</Say></Gather>")
    prompt = call.last(StartPlayback).id
    assert call.tell(events.VoiceHeard(ear(call))) == [HoldPlayback(prompt, True)]
    assert call.tell(events.WordsHeard(ear(call), "a table for")) == []
    assert call.tell(events.VoicePaused(ear(call))) == [], "there are words: it was no cough"
    asked = understood(call, "a table for two", 0.875)
    assert asked == [StopPlayback(prompt), call.last(FetchDocument)]
    assert len(call.every(StartPlayback)) == 1, "the second prompt is not heard any more"
    request = call.last(FetchDocument)
    assert request.url == "http://app.example/said"
    assert request.parameters == (("SpeechResult", "a table for two"), ("Language", "en-US"), ("Confidence", "0.875"))


def test_confidence_is_left_out_when_it_is_not_known() -> None:
    """Confidence: not guaranteed to be present."""
    call = Dialogue("<Gather input='speech'/>")
    understood(call, "yes")
    assert dict(call.last(FetchDocument).parameters).keys() == {"SpeechResult", "Language"}
    assert call.last(FetchDocument).url == URL


def test_without_barge_in_the_prompts_are_heard_to_their_end() -> None:
    """`bargeIn="false"`: speech does not stop nested audio; what was said counts all the same."""
    call = Dialogue("<Gather input='speech' bargeIn='false'><Say>One</Say><Say>Two</Say></Gather>")
    assert call.tell(events.VoiceHeard(ear(call))) == []
    assert understood(call, "yes") == []
    assert call.played() == [call.last(StartPlayback)]
    assert [type(command) for command in call.played()] == [FetchDocument]


def test_speech_without_barge_in_that_goes_on_behind_the_prompts_is_waited_for() -> None:
    """The timeout is for those who say nothing."""
    call = Dialogue("<Gather input='speech' bargeIn='false'><Say>One</Say></Gather>")
    call.tell(events.VoiceHeard(ear(call)))
    assert call.played() == []
    assert call.every(SetTimer) == []
    assert [type(command) for command in understood(call, "yes")] == [FetchDocument]


def test_silence_is_empty_input() -> None:
    """Empty: fall through to the next verb."""
    call = Dialogue("<Gather input='speech' timeout='4'><Say>One</Say></Gather><Hangup/>")
    assert call.played() == [call.last(SetTimer)]
    assert call.last(SetTimer).seconds == 4
    assert call.timer() == [StopListening(ear(call)), EndCall("completed")]


def test_noise_is_no_input_and_the_caller_is_waited_for_again() -> None:
    """A false start takes nothing from the time a caller has."""
    call = Dialogue("<Gather input='speech'/>")
    first = call.last(SetTimer).id
    assert call.tell(events.VoiceHeard(ear(call))) == [commands.CancelTimer(first)]
    assert call.tell(events.NothingUnderstood(ear(call))) == [call.last(SetTimer)]
    assert call.last(SetTimer).id != first
    assert call.timer() == [StopListening(ear(call)), EndCall("completed")]


def test_noise_while_prompts_go_on_lets_them_go_on() -> None:
    """With `bargeIn="false"` there is nothing to wait for before their end."""
    call = Dialogue("<Gather input='speech' bargeIn='false'><Say>One</Say></Gather>")
    call.tell(events.VoiceHeard(ear(call)))
    assert call.tell(events.NothingUnderstood(ear(call))) == []
    assert call.played() == [call.last(SetTimer)]


def test_keys_win_the_race_as_long_as_no_word_was_understood() -> None:
    """With `dtmf speech` the first kind detected wins; a key can sound like a voice."""
    call = Dialogue("<Gather input='dtmf speech' numDigits='2' action='/x'><Say>One</Say></Gather>")
    prompt, listening = call.last(StartPlayback).id, ear(call)
    assert call.press("1") == [StopListening(listening), StopPlayback(prompt), call.last(SetTimer)]
    assert call.tell(events.WordsHeard(listening, "one")) == []
    call.press("2")
    assert dict(call.last(FetchDocument).parameters)["Digits"] == "12"

    call = Dialogue("<Gather input='dtmf speech' numDigits='1' action='/x'/>")
    call.tell(events.VoiceHeard(ear(call)))
    call.press("1")
    assert dict(call.last(FetchDocument).parameters)["Digits"] == "1"


def test_a_word_wins_the_race_and_keys_mean_nothing_then() -> None:
    """If speech was first, `finishOnKey` is ignored."""
    call = Dialogue("<Gather input='speech dtmf' numDigits='1' action='/x'/>")
    call.tell(events.VoiceHeard(ear(call)))
    call.tell(events.WordsHeard(ear(call), "two"))
    assert call.press("1#") == []
    understood(call, "two of them")
    assert dict(call.last(FetchDocument).parameters)["SpeechResult"] == "two of them"


def test_words_that_were_none_leave_the_race_open() -> None:
    """Partial results may vanish."""
    call = Dialogue("<Gather input='speech dtmf' numDigits='1' action='/x'/>")
    call.tell(events.VoiceHeard(ear(call)))
    call.tell(events.WordsHeard(ear(call), "two"))
    call.tell(events.NothingUnderstood(ear(call)))
    call.press("1")
    assert dict(call.last(FetchDocument).parameters)["Digits"] == "1"


def test_speech_alone_collects_no_keys() -> None:
    """`input="speech"`: keys are not input."""
    call = Dialogue("<Gather input='speech'/>")
    assert call.press("1#") == []
    assert call.timer() == [StopListening(ear(call)), EndCall("completed")]


def test_partial_results_are_told_in_order() -> None:
    """UnstableSpeechResult, StableSpeechResult, Stability, SequenceNumber."""
    call = Dialogue("<Gather input='speech' partialResultCallback='/partial' partialResultCallbackMethod='GET'/>")
    call.tell(events.VoiceHeard(ear(call)))
    for words in ("a table", "a table for", "a table for two"):
        call.tell(events.WordsHeard(ear(call), words))
    told = call.every(Notify)
    assert {(each.url, each.method) for each in told} == {("http://app.example/partial", "GET")}
    assert [dict(each.parameters)["UnstableSpeechResult"] for each in told] == ["a table", "a table for", "a table for two"]
    assert [dict(each.parameters)["SequenceNumber"] for each in told] == ["0", "1", "2"]


def test_without_a_callback_partial_results_are_told_to_nobody() -> None:
    """`partialResultCallback`: none by default."""
    call = Dialogue("<Gather input='speech'/>")
    call.tell(events.WordsHeard(ear(call), "a table"))
    assert call.every(Notify) == []


def test_a_recogniser_that_fails_makes_it_empty() -> None:
    """13340 E: Gather ends empty."""
    call = Dialogue("<Gather input='dtmf speech' actionOnEmptyResult='true' action='/x'><Say>One</Say></Gather>")
    call.tell(events.ListeningFailed(ear(call), 13340, "busy"))
    assert call.reports() == [13340]
    assert call.last(FetchDocument).parameters == (("Digits", ""), ("FinishedOnKey", ""), ("msg", "Gather End"))
    assert call.every(StopPlayback)


def test_hanging_up_while_speaking_requests_no_action() -> None:
    """Caller hang-up during Gather: no action request."""
    call = Dialogue("<Gather input='speech' action='/x'/>")
    call.tell(events.VoiceHeard(ear(call)))
    assert call.tell(events.HungUp()) == [StopListening(ear(call)), EndCall("hung-up")]


class Interruption:
    """A caller who makes a noise while the first of two prompts is heard."""

    def __init__(self, attributes: str = "input='speech dtmf' numDigits='1' action='/x'") -> None:
        self.call = Dialogue(f"<Gather {attributes}><Say>One</Say><Say>Two</Say></Gather>")
        self.prompt = self.call.last(StartPlayback).id
        self.ear = ear(self.call)
        self.waits, self.goes_on = HoldPlayback(self.prompt, True), HoldPlayback(self.prompt, False)

    def cough(self) -> commands.Command:
        """Returns the timer that runs behind it."""
        assert self.call.tell(events.VoiceHeard(self.ear)) == [self.waits]
        (timer,) = self.call.tell(events.VoicePaused(self.ear))
        return timer

    def words(self, text: str = "two") -> list[commands.Command]:
        return self.call.tell(events.WordsHeard(self.ear, text))


def test_behind_a_cough_the_prompt_goes_on_where_it_was() -> None:
    """Barge-in: a false start is a voice that pauses before any word of it is known."""
    caller = Interruption()
    assert isinstance(caller.cough(), SetTimer)
    assert caller.call.timer() == [caller.goes_on]
    assert caller.call.tell(events.NothingUnderstood(caller.ear)) == []
    assert caller.call.played() == [caller.call.last(StartPlayback)], "and the second one follows"
    assert caller.call.played() == [caller.call.last(SetTimer)], "and then the caller is waited for"


def test_a_cough_whose_end_is_told_first_lets_the_prompt_go_on_too() -> None:
    """An utterance with `speechTimeout="auto"` may be over before; and not every recogniser tells words as they come."""
    caller = Interruption()
    timer = caller.cough()
    assert caller.call.tell(events.NothingUnderstood(caller.ear)) == [CancelTimer(timer.id), caller.goes_on]  # type: ignore[attr-defined]
    caller.call.tell(events.VoiceHeard(caller.ear))
    assert caller.call.tell(events.NothingUnderstood(caller.ear)) == [caller.goes_on]


def test_each_cough_makes_a_pause() -> None:
    caller = Interruption()
    caller.cough()
    assert caller.call.timer() == [caller.goes_on]
    caller.cough()
    assert caller.call.timer() == [caller.goes_on]


def test_a_second_cough_within_the_pause_makes_it_longer() -> None:
    caller = Interruption()
    timer = caller.cough()
    assert caller.call.tell(events.VoiceHeard(caller.ear)) == [CancelTimer(timer.id)]  # type: ignore[attr-defined]
    assert caller.call.tell(events.VoicePaused(caller.ear)) == [caller.call.last(SetTimer)]
    assert caller.call.timer() == [caller.goes_on]


def test_speech_behind_a_cough_is_what_counts() -> None:
    caller = Interruption()
    caller.cough()
    caller.call.timer()
    assert caller.call.tell(events.VoiceHeard(caller.ear)) == [caller.waits]
    caller.words()
    assert understood(caller.call, "two")[0] == StopPlayback(caller.prompt)


def test_words_that_come_late_silence_the_prompt_again() -> None:
    """A busy recogniser may take longer than a cough is waited for."""
    caller = Interruption()
    caller.cough()
    caller.call.timer()
    assert caller.words() == [caller.waits]
    assert caller.words("two of them") == []
    assert understood(caller.call, "two of them")[0] == StopPlayback(caller.prompt)


def test_words_in_the_pause_end_the_doubt() -> None:
    caller = Interruption()
    timer = caller.cough()
    assert caller.words() == [CancelTimer(timer.id)]  # type: ignore[attr-defined]


def test_a_key_in_the_pause_is_input() -> None:
    caller = Interruption()
    timer = caller.cough()
    assert caller.call.press("5")[:3] == [
        StopListening(caller.ear),
        CancelTimer(timer.id),  # type: ignore[attr-defined]
        StopPlayback(caller.prompt),
    ]
    assert dict(caller.call.last(FetchDocument).parameters)["Digits"] == "5"


def test_a_key_in_the_pause_means_nothing_to_speech_alone() -> None:
    caller = Interruption("input='speech'")
    caller.cough()
    assert caller.call.press("5") == []
    assert caller.call.timer() == [caller.goes_on]


def test_what_ends_in_the_pause_takes_the_prompts_on_behind_it() -> None:
    """A file that fails to arrive, a `<Pause>` that is over, a prompt that ended in the tick of the cough."""
    caller = Interruption()
    caller.cough()
    assert caller.call.played() == []
    assert caller.call.timer() == [caller.call.last(StartPlayback)]
    assert len(caller.call.every(StartPlayback)) == 2


def test_a_cough_behind_the_prompts_starts_the_time_anew() -> None:
    """Nothing is held then; an utterance that goes on is never cut off by the time-out, however long its recogniser takes."""
    caller = Interruption()
    caller.call.played()
    caller.call.played()
    silence = caller.call.last(SetTimer)
    assert caller.call.tell(events.VoiceHeard(caller.ear)) == [CancelTimer(silence.id)]
    assert caller.call.tell(events.VoicePaused(caller.ear)) == []
    assert caller.call.tell(events.NothingUnderstood(caller.ear)) == [caller.call.last(SetTimer)]


def test_prompts_that_may_not_be_interrupted_do_not_wait() -> None:
    caller = Interruption("input='speech' bargeIn='false'")
    assert caller.call.tell(events.VoiceHeard(caller.ear)) == []
    assert caller.call.tell(events.VoicePaused(caller.ear)) == []
