"""Dial with Conference (spec section 2.7.4)."""

from __future__ import annotations

import pytest

from markup import commands, events
from markup.events import Parameters
from tests.markup.dialogue import Dialogue

ANSWERED = (("DialCallStatus", "answered"), ("DialBridged", "true"))
FAILED = (("DialCallStatus", "failed"), ("DialBridged", "false"))


def joined(attributes: str = "", dial: str = "action='/after'", after: str = "<Play>/next.wav</Play>") -> Dialogue:
    return Dialogue(f"<Dial {dial}><Conference {attributes}>Room 1</Conference></Dial>{after}")


def left(call: Dialogue, code: int = 0) -> list[commands.Command]:
    return call.tell(events.ConferenceLeft(call.last(commands.JoinConference).id, code, "because"))


def action(call: Dialogue) -> Parameters:
    request = call.last(commands.FetchDocument)
    assert request.url == "http://app.example/after"
    return request.parameters


def test_the_caller_is_answered_and_joins() -> None:
    """Whatever ``answerOnBridge`` says: nobody is rung."""
    call = joined(dial="answerOnBridge='true' timeLimit='60'")
    assert call.kinds() == ["Answer", "JoinConference", "SetTimer"]
    assert call.last(commands.JoinConference).noun.name == "Room 1"
    assert call.last(commands.SetTimer).seconds == 60


def test_every_url_of_the_noun_is_made_absolute() -> None:
    call = joined("waitUrl='w' statusCallback='/s' recordingStatusCallback='r' eventCallbackUrl='http://e.example/e'")
    noun = call.last(commands.JoinConference).noun
    assert (noun.wait_url, noun.status_callback) == ("http://app.example/w", "http://app.example/s")
    assert (noun.recording_status_callback, noun.event_callback_url) == ("http://app.example/r", "http://e.example/e")


@pytest.mark.parametrize(("attributes", "url"), [("", None), ("waitUrl=''", "")])
def test_music_and_silence_are_no_urls(attributes: str, url: str | None) -> None:
    assert joined(attributes).last(commands.JoinConference).noun.wait_url == url


def test_the_end_of_the_stay_is_told_to_the_action() -> None:
    """No call was dialled: there is neither ``DialCallSid`` nor ``DialCallDuration``."""
    call = joined()
    left(call)
    assert call.kinds() == ["CancelTimer", "FetchDocument"]
    assert action(call) == ANSWERED


def test_the_next_verb_runs_without_an_action() -> None:
    call = joined(dial="")
    left(call)
    assert call.last(commands.StartPlayback).media == commands.AudioFile("http://app.example/next.wav")


@pytest.mark.parametrize("code", [16020, 16025])
def test_a_full_room_and_a_label_in_use_lead_to_the_next_verb(code: int) -> None:
    call = joined()
    left(call, code)
    assert call.kinds() == ["CancelTimer", "Report", "StartPlayback"]
    assert call.last(commands.Report) == commands.Report(code, "because", "error", "http://app.example/voice")


@pytest.mark.parametrize(("code", "level"), [(13240, "error"), (13233, "warning")])
def test_a_bad_coach_and_a_failing_wait_url_lead_to_the_action(code: int, level: str) -> None:
    call = joined()
    left(call, code)
    assert action(call) == FAILED
    report = call.last(commands.Report)
    assert (report.code, report.level) == (code, level)


def test_a_failing_wait_url_leads_to_the_next_verb_without_an_action() -> None:
    call = joined(dial="")
    left(call, 13233)
    assert call.kinds()[-1] == "StartPlayback"


def test_a_wait_url_that_is_none_counts_as_failing() -> None:
    call = joined("waitUrl='ftp://x'")
    assert call.reports() == [13233]
    assert action(call) == FAILED


def test_the_dial_records_the_leg_while_it_stays_and_tells_the_action() -> None:
    call = joined(dial="record='record-from-answer-dual' action='/after' recordingStatusCallback='/r'")
    assert call.kinds() == ["Answer", "StartRecording", "JoinConference", "SetTimer"]
    recording = call.last(commands.StartRecording)
    assert (recording.source, recording.dual, recording.callback.url) == ("DialVerb", True, "http://app.example/r")
    left(call)
    assert call.kinds() == ["CancelTimer", "StopRecording"]
    call.tell(events.RecordingEnded(recording.id, (("RecordingSid", "RE1"),)))
    assert action(call) == (*ANSWERED, ("RecordingSid", "RE1"))


def test_a_star_leaves_when_the_dial_says_so() -> None:
    call = joined(dial="hangupOnStar='true'")
    assert call.press("1#") == []
    stay = call.last(commands.JoinConference).id
    assert call.press("*") == [commands.LeaveConference(stay, interrupted=False)]
    assert joined().press("*") == []


def test_the_time_limit_leaves() -> None:
    call = joined(dial="timeLimit='60'")
    stay = call.last(commands.JoinConference).id
    assert call.timer() == [commands.LeaveConference(stay, interrupted=False)]
    left(call)
    assert call.kinds()[-1] == "StartPlayback"


def test_hanging_up_is_told_to_the_action() -> None:
    call = joined()
    stay = call.last(commands.JoinConference).id
    asked = call.tell(events.HungUp())
    assert commands.LeaveConference(stay) in asked
    assert commands.Notify("http://app.example/after", "POST", ANSWERED) in asked
    assert asked[-1] == commands.EndCall("hung-up")


def test_a_live_change_leaves_and_tells_nobody() -> None:
    call = joined()
    stay = call.last(commands.JoinConference).id
    asked = call.tell(events.Redirected("http://app.example/live"))
    assert commands.LeaveConference(stay) in asked
    assert not call.every(commands.Notify)


def test_the_end_of_another_stay_is_no_news() -> None:
    call = joined()
    assert call.tell(events.ConferenceLeft(99)) == []


def test_a_jitter_buffer_size_is_accepted_and_said_to_have_no_effect() -> None:
    assert joined("jitterBufferSize='small'").reports() == [13750]
    assert joined("jitterBufferSize='large'").reports() == []


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ("muted='perhaps'", 13230),
        ("endConferenceOnExit='perhaps'", 13231),
        ("startConferenceOnEnter='perhaps'", 13232),
        ("waitMethod='PUT'", 13234),
        ("beep='loud'", 13235),
        ("trim='some'", 13239),
        ("participantLabel='a/b'", 16023),
    ],
)
def test_a_bad_value_is_its_default_and_the_caller_joins(attributes: str, code: int) -> None:
    call = joined(attributes)
    assert call.reports() == [code]
    assert call.every(commands.JoinConference)


@pytest.mark.parametrize(("noun", "code"), [("<Conference/>", 13237), ("<Conference coach='bob'>Room</Conference>", 13240)])
def test_a_conference_that_cannot_be_is_not_joined(noun: str, code: int) -> None:
    call = Dialogue(f"<Dial action='/after'>{noun}</Dial>")
    assert code in call.reports()
    assert not call.every(commands.JoinConference)
    assert dict(action(call))["DialCallStatus"] == "failed"
