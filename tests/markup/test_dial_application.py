"""Section 2.7.6, as far as the document's side goes: an application is rung like anybody else."""

from __future__ import annotations

from markup import events
from markup.commands import Answer, FetchDocument, HangupLeg, Join, Ringback, StartLeg, StartPlayback
from markup.verbs import Application, Parameter
from tests.markup.dialogue import Dialogue

SID = "AP" + "0" * 32
NAMED = f"<Application copyParentTo='true'><ApplicationSid>{SID}</ApplicationSid><Parameter name='a' value='b'/></Application>"


def test_an_application_is_rung_joined_and_told_of() -> None:
    call = Dialogue(f"<Dial action='/done' callerId='+1555'>{NAMED}</Dial>")
    started = call.last(StartLeg)
    assert started.target == Application(application_sid=SID, copy_parent_to=True, parameters=(Parameter("a", "b"),))
    assert started.caller_id == "+1555"
    assert call.last(StartPlayback).media == Ringback()
    call.tell(events.LegRinging(started.id, False))
    assert call.tell(events.LegAnswered(started.id))[-2] == Join(started.id)
    call.tell(events.LegEnded(started.id, "completed", "CA1", 7))
    told = dict(call.last(FetchDocument).parameters)
    assert told == {"DialCallStatus": "completed", "DialCallSid": "CA1", "DialCallDuration": "7", "DialBridged": "true"}


def test_the_caller_is_answered_when_the_application_answers() -> None:
    """`answerOnBridge` is supported."""
    call = Dialogue(f"<Dial answerOnBridge='true'><Application>{SID}</Application></Dial>")
    assert Answer() not in call.all
    call.tell(events.LegAnswered(call.last(StartLeg).id))
    assert Answer() in call.all


def test_a_star_ends_the_application() -> None:
    call = Dialogue(f"<Dial hangupOnStar='true'><Application>{SID}</Application></Dial>")
    leg = call.last(StartLeg).id
    call.tell(events.LegAnswered(leg))
    assert call.press("*")[0] == HangupLeg(leg)


def test_a_whisper_to_an_application_is_not_run() -> None:
    call = Dialogue(f"<Dial><Application url='/whisper'>{SID}</Application></Dial>")
    assert call.reports() == [13750]
    leg = call.last(StartLeg).id
    assert Join(leg) in call.tell(events.LegAnswered(leg))


def test_nobody_is_transferred_out_of_an_application() -> None:
    """`referUrl` is not supported."""
    call = Dialogue(f"<Dial referUrl='/refer'><Application>{SID}</Application></Dial>")
    leg = call.last(StartLeg).id
    call.tell(events.LegAnswered(leg))
    call.tell(events.Referred(None, "<sip:carol@carrier>"))
    assert 13802 in call.reports()
