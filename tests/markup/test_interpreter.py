"""Sections 1.6 (execution), 1.8 (restricted documents) and 1.9 (failure and fallback)."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import Answer, EndCall, EnterVerb, FetchDocument, LeaveVerb, Report, Speech, StartPlayback
from markup.execution import RUNS
from markup.interpreter import APOLOGY, MOST_FALLBACKS, MOST_IDLE_DOCUMENTS, Interpreter, Program
from markup.parser import parse
from markup.speech import plain
from markup.verbs import Gather
from tests.markup.dialogue import URL, Dialogue


@pytest.mark.parametrize(
    ("twiml", "answers"),
    [
        ("<Say>x</Say>", True), ("<Play>/a</Play>", True), ("<Gather/>", True), ("<Hangup/>", True), ("<Dial>1</Dial>", True), ("", True),
        ("<Dial answerOnBridge='true'>1</Dial>", False), ("<Pause/>", False), ("<Redirect>/a</Redirect>", False), ("<Reject/>", False),
    ],
)  # fmt: skip
def test_which_first_verb_answers(twiml: str, answers: bool) -> None:
    """1.6: when an inbound call is answered."""
    call = Dialogue(twiml)
    assert (Answer() in call.asked) is answers


@pytest.mark.parametrize(
    ("twiml", "outcome"),
    [("<Hangup/>", "completed"), ("", "completed"), ("<Reject/>", "rejected"), ("<Reject reason='busy'/>", "busy")],
)
def test_how_a_call_ends(twiml: str, outcome: str) -> None:
    """2.8, 2.9: busy is 486, rejected 404."""
    call = Dialogue(twiml)
    assert call.asked[-1] == EndCall(outcome)  # type: ignore[arg-type]


def test_reject_after_an_answer_hangs_up() -> None:
    """2.9: only effective while the call is unanswered; otherwise it behaves like hang-up."""
    call = Dialogue("<Say>x</Say><Reject reason='busy'/>")
    assert call.played()[-1] == EndCall("completed")


def test_redirect_runs_another_document() -> None:
    """2.5: text is relative, absolute or blank (current document); ends the current document."""
    call = Dialogue("<Redirect method='GET'>other</Redirect><Say>Never</Say>")
    assert call.last(FetchDocument) == FetchDocument(2, "http://app.example/other", "GET")
    call.fetched("<Redirect/>")
    assert call.last(FetchDocument).url == "http://app.example/other"


def test_documents_that_only_redirect_do_not_run_for_ever() -> None:
    """A circle of documents without a verb that takes time ends in the apology."""
    call = Dialogue("<Redirect/>")
    for _ in range(MOST_IDLE_DOCUMENTS + 1):
        if call.kinds()[-1:] != ["FetchDocument"]:
            break
        call.fetched("<Redirect/>")
    assert call.last(StartPlayback).media == Speech(plain(APOLOGY), "", "")


def test_a_document_that_does_not_come_is_apologised_for() -> None:
    """1.9: no fallback: the announcement, and hang up; an unanswered call is answered for it."""
    call = Dialogue("", begin=False)
    call.tell(events.Begin())
    call.fetch_fails(11205)
    assert call.asked == [
        Report(11205, "no luck", "error", URL),
        Answer(),
        StartPlayback(2, Speech(plain(APOLOGY), "", "")),
    ]
    assert call.played() == [EndCall("completed")]


def test_the_fallback_takes_over() -> None:
    """1.9: requested with ErrorCode and ErrorUrl; its TwiML takes over the call."""
    call = Dialogue("", begin=False, fallback_url="http://b.example/fallback")
    call.tell(events.Begin())
    call.fetch_fails(12300)
    assert call.last(FetchDocument).parameters == (("ErrorCode", "12300"), ("ErrorUrl", URL))
    call.fetched("<Say>Sorry</Say>")
    assert call.last(StartPlayback).media == Speech(plain("Sorry"), "", "")


def test_a_failing_fallback_is_apologised_for() -> None:
    """1.9: the fallback fails too."""
    call = Dialogue("", begin=False, fallback_url="http://b.example/fallback")
    call.tell(events.Begin())
    call.fetch_fails(11200)
    call.fetch_fails(11210)
    assert call.reports() == [11200, 11210]
    assert call.last(StartPlayback).media == Speech(plain(APOLOGY), "", "")


def test_a_fallback_that_runs_into_an_error_itself_is_apologised_for() -> None:
    """1.9: or the fallback fails too. It is not asked again for its own mistake."""
    call = Dialogue("", begin=False, fallback_url="http://b.example/fallback")
    call.tell(events.Begin())
    call.fetch_fails(11200)
    call.fetched("<Play>/broken</Play>")
    call.tell(events.PlaybackFailed(call.last(StartPlayback).id, 13420, "not audio"))
    assert call.last(StartPlayback).media == Speech(plain(APOLOGY), "", "")
    assert len(call.every(FetchDocument)) == 2


def test_a_fallback_helps_again_once_its_document_led_on() -> None:
    """1.9: fallback applies to every document fetch of the call, not only the first."""
    call = Dialogue("", begin=False, fallback_url="http://b.example/fallback")
    call.tell(events.Begin())
    call.fetch_fails(11200)
    call.fetched("<Redirect>/menu</Redirect>")
    call.fetch_fails(11205)
    assert call.last(FetchDocument).url == "http://b.example/fallback"
    assert ("ErrorCode", "11205") in call.last(FetchDocument).parameters


def test_a_fallback_that_leads_back_to_the_failure_is_given_up() -> None:
    """A circle through the fallback must not request it for ever."""
    call = Dialogue("", begin=False, fallback_url="http://b.example/fallback")
    call.tell(events.Begin())
    for _ in range(MOST_FALLBACKS):
        call.fetch_fails(11200)
        call.fetched("<Redirect>/down</Redirect>")
    call.fetch_fails(11200)
    assert call.last(StartPlayback).media == Speech(plain(APOLOGY), "", "")


def test_a_fallback_that_redirects_to_itself_is_given_up() -> None:
    """The address of a document may differ from the one asked for (1.7): the circle is seen all the same."""
    call = Dialogue("<Redirect/>", fallback_url="http://b.example/fallback")
    for _ in range(2 * MOST_IDLE_DOCUMENTS):
        if call.kinds()[-1:] != ["FetchDocument"]:
            break
        call.tell(
            events.DocumentFetched(call.last(FetchDocument).id, "http://c.example/", parse(b"<Response><Redirect/></Response>"))
        )
    assert call.last(StartPlayback).media == Speech(plain(APOLOGY), "", "")


def test_an_action_that_fails_goes_to_the_fallback_too() -> None:
    """1.9: fallback applies to every document fetch of the call."""
    call = Dialogue("<Gather numDigits='1' action='/x'/>", fallback_url="http://b.example/fallback")
    call.press("1")
    call.fetch_fails()
    assert call.last(FetchDocument).url == "http://b.example/fallback"


def test_a_verb_that_is_not_built_is_skipped_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """13750: verb not supported."""
    monkeypatch.delitem(RUNS, Gather)
    call = Dialogue("<Gather/><Say>x</Say>")
    assert call.reports() == [13750]
    assert call.kinds()[-1] == "StartPlayback"
    assert LeaveVerb("Gather", "not supported") in call.all


def test_warnings_of_the_document_are_reported() -> None:
    """12200: logged, continue."""
    call = Dialogue("<Foo/><Say>x</Say>")
    report = call.asked[0]
    assert isinstance(report, Report)
    assert (report.code, report.level, report.url) == (12200, "warning", URL)
    assert report.message.startswith("line 1: TwiML has no <Foo>")


def test_an_inline_document_runs_without_a_request() -> None:
    """4.6: the Twiml parameter. 15004: its relative actions have no base."""
    document = parse(b"<Response><Gather numDigits='1'/></Response>")
    call = Interpreter(Program("", document=document), answered=True)
    call.receive(events.Begin())
    emitted = call.receive(events.DigitReceived("1"))
    assert [command.code for command in emitted if isinstance(command, Report)] == [15004]


@pytest.mark.parametrize(
    "twiml", ["<Say>x</Say>", "<Gather><Say>x</Say></Gather>", "<Dial>1</Dial>", "<Pause/>", "<Play digits='1'/>", "<Redirect/>"]
)
def test_a_live_change_interrupts_any_verb(twiml: str) -> None:
    """4.6: stop the current verb at once, fetch and run the new document."""
    call = Dialogue(twiml)
    call.tell(events.Redirected("http://app.example/new", "GET"))
    assert call.last(FetchDocument).url == "http://app.example/new"
    call.fetched("<Hangup/>")
    assert call.asked[-1] == EndCall("completed")


def test_a_hang_up_from_outside_ends_the_call() -> None:
    """4.6: Status=completed hangs up, whatever the state."""
    call = Dialogue("<Say>x</Say>")
    assert call.tell(events.HangupRequested())[-1] == EndCall("completed")
    assert call.tell(events.HungUp()) == []


def test_a_hang_up_from_outside_refuses_a_call_that_still_rings() -> None:
    """``completed`` is only said after an answer (contract of EndCall)."""
    call = Dialogue("<Pause/><Say>x</Say>")
    assert call.tell(events.HangupRequested())[-1] == EndCall("rejected")


@pytest.mark.parametrize(
    ("twiml", "happening", "outcome"),
    [
        ("<Gather numDigits='2'/>", "12", "digits 12"),
        ("<Gather/>", "#", "no digits"),
        ("<Gather/>", "timer", "timeout"),
        ("<Say>x</Say>", "hang-up", "interrupted"),
        ("<Redirect/>", "", "redirected"),
        ("<Hangup/>", "", "completed"),
    ],
)
def test_the_journal_is_told_how_a_verb_went(twiml: str, happening: str, outcome: str) -> None:
    """EnterVerb and LeaveVerb around each verb."""
    call = Dialogue(twiml)
    if happening == "timer":
        call.timer()
    elif happening == "hang-up":
        call.tell(events.HungUp())
    else:
        call.press(happening)
    entered, left = call.every(EnterVerb), call.every(LeaveVerb)
    assert [(entered[0].name, len(entered)), left] == [(left[0].name, 1), [LeaveVerb(entered[0].name, outcome)]]


def test_the_journal_holds_what_a_document_sets() -> None:
    assert Dialogue("<Gather timeout='5' numDigits='3'/>").every(EnterVerb) == [EnterVerb("Gather", (("numDigits", "3"),))]


def test_stale_events_change_nothing() -> None:
    call = Dialogue("<Say>x</Say><Pause/>")
    playback = call.last(StartPlayback).id
    call.played()
    assert call.tell(events.PlaybackEnded(playback)) == []
    assert call.tell(events.LegEnded(99, "busy")) == []
    assert call.tell(events.Begin()) == []


def test_a_whisper_goes_back_to_the_dial_at_its_end() -> None:
    """1.6: whisper documents continue to bridging; Hangup declines (2.8)."""
    accepted = Dialogue("<Say>x</Say>", answered=True, purpose="screening")
    assert accepted.played() == [EndCall("released")]
    declined = Dialogue("<Hangup/>", answered=True, purpose="screening")
    assert declined.asked[-1] == EndCall("hung-up")


def test_a_whisper_may_not_dial() -> None:
    """13201 E: Dial inside a whisper document: the called leg ends."""
    call = Dialogue("<Dial>1</Dial>", answered=True, purpose="screening")
    assert call.reports() == [13201]
    assert call.asked[-1] == EndCall("failed")


def test_a_whisper_that_cannot_be_fetched_ends_its_leg() -> None:
    call = Dialogue("", answered=True, purpose="screening", begin=False)
    call.tell(events.Begin())
    assert call.fetch_fails()[-1] == EndCall("failed")
