"""Section 6.4, REFER coming in, and `referUrl` of Dial (section 2.7)."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import (
    AnswerReferral,
    CancelFetch,
    EndCall,
    FetchDocument,
    HandOver,
    HangupLeg,
    Join,
    LeaveVerb,
    Notify,
    Part,
    ReportReferral,
    StartLeg,
    StartPlayback,
    StartRecording,
    StopRecording,
)
from tests.markup.dialogue import Dialogue

BLIND = "<Dial referUrl='/refer' action='/done'><Sip>sip:bob@example.com</Sip></Dial>"
WAITING = "<Dial referUrl='/refer' action='/done' answerOnBridge='true'><Sip>sip:bob@example.com</Sip></Dial>"
TO_CAROL = "<Dial><Sip>sip:carol@example.com</Sip></Dial>"
CAROL = "<sip:carol@example.com>"


def talking(twiml: str, *, answered: bool = True) -> tuple[Dialogue, int]:
    """A caller and a callee who talk."""
    call = Dialogue(twiml, answered=answered)
    leg = call.last(StartLeg).id
    call.tell(events.LegAnswered(leg))
    assert Join(leg) in call.asked
    return call, leg


def joined(call: Dialogue, leg: int) -> None:
    call.tell(events.LegAnswered(leg))


def test_a_refer_without_a_url_changes_nothing() -> None:
    """13802 E: REFER received but no referUrl; the call stays as it is."""
    call, leg = talking("<Dial><Sip>sip:bob@example.com</Sip></Dial>")
    call.tell(events.Referred(leg, CAROL))
    assert AnswerReferral(leg, 603) in call.asked
    assert call.reports() == [13802]
    call.tell(events.Referred(None, CAROL))
    assert AnswerReferral(None, 603) in call.asked
    call.tell(events.LegEnded(leg, "completed"))
    assert call.asked[-1] == EndCall("completed")


def test_a_refer_before_the_connection_is_refused() -> None:
    """Only of the bridging Dial."""
    call = Dialogue(BLIND)
    call.tell(events.Referred(None, CAROL))
    assert AnswerReferral(None, 603) in call.asked
    assert call.reports() == [13802]


def test_the_url_is_asked_with_the_target() -> None:
    """202; then the webhook with ReferTransferTarget, the content of Refer-To."""
    call, leg = talking("<Dial referUrl='/refer' referMethod='GET'><Number>1</Number></Dial>")
    call.tell(events.Referred(leg, "<sip:carol@example.com?X-Note=7>"))
    assert AnswerReferral(leg, 202) in call.asked
    request = call.last(FetchDocument)
    assert (request.url, request.method, request.leg) == ("http://app.example/refer", "GET", None)
    assert request.parameters == (("ReferTransferTarget", "<sip:carol@example.com?X-Note=7>"),)


def test_the_transferor_is_dropped_once_the_document_is_there() -> None:
    """answerOnBridge=false: NOTIFY is sent and the transferor's leg is dropped right after the document was fetched."""
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    assert not call.every(HangupLeg)
    call.fetched(TO_CAROL)
    assert call.asked[:2] == [ReportReferral(leg, 200), HangupLeg(leg)]
    carol = call.last(StartLeg).id
    assert carol != leg
    joined(call, carol)
    assert Join(carol) in call.asked
    call.tell(events.LegEnded(carol, "completed"))
    assert call.asked[-1] == EndCall("completed")
    assert LeaveVerb("Dial", "transferred") in call.all
    assert call.every(Notify) == []


def test_relative_addresses_of_the_document_have_its_own_base() -> None:
    call, leg = talking("<Dial referUrl='http://b.example/there/'><Sip>sip:bob@example.com</Sip></Dial>")
    call.tell(events.Referred(leg, CAROL))
    call.fetched("<Redirect>next</Redirect>")
    assert call.last(FetchDocument).url == "http://b.example/there/next"


def test_a_transferor_who_hangs_up_at_once_is_not_waited_for() -> None:
    """Many phones send BYE as soon as they have their 202."""
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    call.tell(events.LegEnded(leg, "completed"))
    call.fetched(TO_CAROL)
    assert call.last(StartLeg).id != leg


def test_a_url_that_fails_leaves_both_connected() -> None:
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    call.fetch_fails()
    assert ReportReferral(leg, 503) in call.asked
    assert call.reports() == [11200]
    assert not call.every(HangupLeg)
    call.tell(events.Referred(leg, CAROL))  # once more, with success
    call.fetched(TO_CAROL)
    assert HangupLeg(leg) in call.asked


def test_a_url_that_fails_after_the_transferor_left_ends_the_dial() -> None:
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    call.tell(events.LegEnded(leg, "completed", "CA2", 7))
    call.fetch_fails()
    request = call.last(FetchDocument)
    assert request.url == "http://app.example/done"
    assert dict(request.parameters)["DialCallDuration"] == "7"


def test_a_url_that_is_none_refuses() -> None:
    call, leg = talking("<Dial referUrl='ftp://x/y'><Sip>sip:bob@example.com</Sip></Dial>")
    call.tell(events.Referred(leg, CAROL))
    assert AnswerReferral(leg, 603) in call.asked
    assert call.reports() == [11100]


def test_one_transfer_at_a_time() -> None:
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    call.tell(events.Referred(None, CAROL))
    assert AnswerReferral(None, 603) in call.asked


def test_with_answer_on_bridge_the_transferor_stays_until_the_target_answers() -> None:
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched(TO_CAROL)
    assert call.asked[0] == Part(leg)
    assert not call.every(HangupLeg)
    assert not call.every(ReportReferral)
    carol = call.last(StartLeg).id
    joined(call, carol)
    assert [command for command in call.asked if isinstance(command, ReportReferral | HangupLeg)] == [
        ReportReferral(leg, 200),
        HangupLeg(leg),
    ]
    call.tell(events.LegEnded(carol, "completed"))
    assert call.asked[-1] == EndCall("completed")


@pytest.mark.parametrize(("status", "code"), [("busy", 486), ("no-answer", 480), ("failed", 503)])
def test_with_answer_on_bridge_a_failure_connects_them_again(status: events.LegStatus, code: int) -> None:
    """On failure transferor and transferee are bridged again and NOTIFY reports the failure."""
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched(TO_CAROL + "<Say>Nobody there.</Say>")
    call.tell(events.LegEnded(call.last(StartLeg).id, status))
    call.played()
    assert [command for command in call.asked if isinstance(command, ReportReferral | Join)] == [
        ReportReferral(leg, code),
        Join(leg),
    ]
    call.tell(events.LegEnded(leg, "completed"))
    assert call.last(FetchDocument).url == "http://app.example/done"


def test_a_document_that_dials_nobody_connects_them_again() -> None:
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched("<Say>No.</Say>")
    call.played()
    assert [command for command in call.asked if isinstance(command, ReportReferral | Join)] == [
        ReportReferral(leg, 503),
        Join(leg),
    ]
    call.tell(events.Referred(leg, CAROL))
    assert AnswerReferral(leg, 202) in call.asked


def test_a_transferor_who_leaves_while_the_target_rings() -> None:
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched(TO_CAROL)
    carol = call.last(StartLeg).id
    call.tell(events.LegEnded(leg, "completed"))
    joined(call, carol)
    assert Join(carol) in call.asked
    assert not call.every(HangupLeg)


def test_a_transferor_who_leaves_and_a_target_that_is_busy_end_the_dial() -> None:
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched(TO_CAROL)
    call.tell(events.LegEnded(leg, "completed"))
    call.tell(events.LegEnded(call.last(StartLeg).id, "busy"))
    assert call.last(FetchDocument).url == "http://app.example/done"


def test_a_caller_who_hangs_up_while_the_target_rings_leaves_nobody_behind() -> None:
    call, leg = talking(WAITING)
    call.tell(events.Referred(leg, CAROL))
    call.fetched(TO_CAROL)
    call.tell(events.HungUp())
    assert {command.id for command in call.every(HangupLeg)} == {leg, call.last(StartLeg).id}
    assert call.asked[-1] == EndCall("hung-up")


def test_a_caller_hands_the_callee_on() -> None:
    """The returned TwiML is run on the other party's call."""
    call, leg = talking(BLIND)
    call.tell(events.Referred(None, CAROL))
    assert AnswerReferral(None, 202) in call.asked
    assert call.last(FetchDocument).leg == leg
    call.fetched(TO_CAROL)
    assert call.kinds()[:2] == ["HandOver", "ReportReferral"]
    handed = call.last(HandOver)
    assert (handed.id, handed.url) == (leg, "http://app.example/refer")
    assert ReportReferral(None, 200) in call.asked
    assert dict(call.last(Notify).parameters)["DialCallStatus"] == "completed"
    assert call.asked[-1] == EndCall("completed")


def test_a_callee_who_leaves_cannot_be_handed_on() -> None:
    call, leg = talking(BLIND)
    call.tell(events.Referred(None, CAROL))
    call.tell(events.LegEnded(leg, "completed"))
    assert call.every(CancelFetch)
    assert ReportReferral(None, 503) in call.asked
    assert call.last(FetchDocument).url == "http://app.example/done"


def test_the_recording_of_the_dial_ends_with_the_transfer() -> None:
    for twiml in (BLIND, WAITING):
        call, leg = talking(twiml.replace("<Dial", "<Dial record='record-from-answer'"))
        recording = call.last(StartRecording).id
        call.tell(events.Referred(leg, CAROL))
        call.fetched(TO_CAROL)
        if twiml is BLIND:
            assert call.asked[-1] == StopRecording(recording)
            call.tell(events.RecordingEnded(recording))
        carol = call.last(StartLeg).id
        joined(call, carol)
        assert call.every(StopRecording) == [StopRecording(recording)]


def test_a_later_word_of_the_transferor_is_stale() -> None:
    call, leg = talking(BLIND)
    call.tell(events.Referred(leg, CAROL))
    call.fetched("<Say>x</Say>")
    assert call.tell(events.LegEnded(leg, "completed")) == []
    assert call.last(StartPlayback)
