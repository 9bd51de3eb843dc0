"""Section 2.4."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import Answer, EndCall, FetchDocument, SetTimer, StartPlayback, StopPlayback
from tests.markup.dialogue import URL, Dialogue


def _action(digits: str, key: str = "") -> tuple[tuple[str, str], ...]:
    return (("Digits", digits), ("FinishedOnKey", key), ("msg", "Gather End"))


def test_the_first_key_silences_the_prompt() -> None:
    """The first DTMF digit stops nested audio immediately; the timeout starts at the first key press."""
    call = Dialogue("<Gather timeout='7'><Say>One</Say><Say>Two</Say></Gather>")
    prompt = call.last(StartPlayback).id
    assert call.press("1") == [StopPlayback(prompt), SetTimer(prompt + 1, 7)]


def test_the_timeout_starts_when_the_prompts_are_over() -> None:
    """The inter-digit timeout starts when nested audio has ended."""
    call = Dialogue("<Gather><Say>One</Say><Pause length='2'/></Gather>")
    assert call.played() == [SetTimer(3, 2)]
    assert call.timer() == [SetTimer(4, 5)]


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished_on"),
    [
        ("numDigits='3'", "123", "123", ""),
        ("", "12#", "12", "#"),
        ("finishOnKey='*'", "1#2*", "1#2", "*"),
        ("finishOnKey='' numDigits='4'", "1#*2", "1#*2", ""),
    ],
)
def test_input_ends_by_count_or_by_key(attributes: str, keys: str, digits: str, finished_on: str) -> None:
    """DTMF ends when numDigits reached or finishOnKey pressed; the finish key is never part of Digits."""
    call = Dialogue(f"<Gather {attributes} action='/done'/>")
    call.press(keys)
    assert call.last(FetchDocument) == FetchDocument(
        call.last(FetchDocument).id, "http://app.example/done", "POST", _action(digits, finished_on)
    )


def test_input_ends_by_the_timeout_after_a_key() -> None:
    """`timeout` passes with at least one digit; default action is the current document."""
    call = Dialogue("<Gather method='GET'/>")
    call.press("12")
    call.timer()
    assert call.last(FetchDocument) == FetchDocument(call.last(FetchDocument).id, URL, "GET", _action("12"))


def test_without_input_the_next_verb_runs() -> None:
    """Empty: fall through to the next verb."""
    call = Dialogue("<Gather/><Say>Nothing</Say>")
    assert call.asked == [Answer(), SetTimer(2, 5)]
    assert [type(command) for command in call.timer()] == [StartPlayback]


def test_the_finish_key_alone_is_no_input() -> None:
    """finishOnKey pressed with no digit collected counts as empty input."""
    call = Dialogue("<Gather/>")
    assert call.press("#")[-1] == EndCall("completed")


def test_empty_input_may_go_to_the_action() -> None:
    """`actionOnEmptyResult="true"`: action is requested with Digits= and FinishedOnKey= empty."""
    call = Dialogue("<Gather actionOnEmptyResult='true' action='/empty'/>")
    call.timer()
    assert call.last(FetchDocument).parameters == _action("")


def test_a_nested_file_that_is_no_audio_has_its_own_code() -> None:
    """13325 E: nested Play not audio."""
    call = Dialogue("<Gather><Play>/a</Play></Gather>")
    call.tell(events.PlaybackFailed(call.last(StartPlayback).id, 13420, "no"))
    assert call.reports() == [13325]


def test_hanging_up_requests_no_action() -> None:
    """Caller hang-up during Gather: no action request."""
    call = Dialogue("<Gather action='/x'><Say>Hi</Say></Gather>")
    call.press("1")
    assert call.tell(events.HungUp())[-1] == EndCall("hung-up")
    assert len(call.every(FetchDocument)) == 1


@pytest.mark.parametrize("digit", ["", "12", "w", "E", "\n"])
def test_what_is_no_key_is_no_input(digit: str) -> None:
    """DigitReceived carries one of 0-9 A-D * #."""
    call = Dialogue("<Gather numDigits='1'/>")
    assert call.tell(events.DigitReceived(digit)) == []


def test_keys_pressed_before_are_not_input() -> None:
    """2.4 rule 1: listening starts with the Gather."""
    call = Dialogue("<Say>x</Say><Gather numDigits='2' action='/x'/>")
    call.press("1")
    call.played()
    assert call.press("2") != []
    assert call.press("3")[-1] == FetchDocument(call.last(FetchDocument).id, "http://app.example/x", "POST", _action("23"))


def test_auto_is_the_default_timeout() -> None:
    """`timeout`: docs also mention `auto`."""
    assert Dialogue("<Gather timeout='auto'/>").last(SetTimer).seconds == 5
