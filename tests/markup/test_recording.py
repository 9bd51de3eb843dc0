"""Sections 2.6, 2.14, and 2.7 as far as ``record`` of Dial goes."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import (
    Answer,
    Beep,
    Command,
    EndCall,
    FetchDocument,
    Join,
    Notify,
    Speech,
    StartLeg,
    StartPlayback,
    StartRecording,
    StatusCallback,
    StopRecording,
)
from tests.markup.dialogue import Dialogue

HERE, ACTION = "http://app.example/voice", "http://app.example/done"
MADE = (("RecordingUrl", "http://switch/RE1"), ("RecordingSid", "RE1"), ("RecordingDuration", "7"))


def ended(call: Dialogue) -> list[Command]:
    """The world reports the end of the latest recording."""
    return call.tell(events.RecordingEnded(call.last(StartRecording).id, MADE))


def told(call: Dialogue) -> dict[str, str]:
    return dict(call.last(FetchDocument).parameters)


def test_the_caller_hears_a_beep_and_is_recorded_alone() -> None:
    """Behaviour: play beep, then record the caller only, mono."""
    call = Dialogue("<Record/>")
    assert call.asked[0] == Answer()
    assert call.last(StartPlayback).media == Beep()
    assert not call.every(StartRecording)
    call.played()
    assert call.last(StartRecording) == StartRecording(
        call.last(StartRecording).id, source="RecordVerb", track="inbound", dual=False, trim=True, silence=5
    )


def test_without_a_beep_recording_begins_at_once() -> None:
    call = Dialogue("<Record playBeep='false' trim='do-not-trim' timeout='0'/>")
    assert not call.every(StartPlayback)
    assert (call.last(StartRecording).trim, call.last(StartRecording).silence) == (False, 0)


def test_a_beep_that_fails_is_no_reason_not_to_record() -> None:
    call = Dialogue("<Record/>")
    call.tell(events.PlaybackFailed(call.last(StartPlayback).id, 13520, "no"))
    assert call.every(StartRecording)


@pytest.mark.parametrize(("keys", "ends"), [("1234567890*#", "7"), ("#9", "9"), ("*", "*")])
def test_a_finish_key_ends_it_and_is_told(keys: str, ends: str) -> None:
    """`Digits`: key that ended it."""
    call = Dialogue(f"<Record playBeep='false' action='/done' method='GET' finishOnKey='{keys}'/><Say>never</Say>")
    assert call.press(ends) == [StopRecording(call.last(StartRecording).id)]
    ended(call)
    request = call.last(FetchDocument)
    assert (request.url, request.method) == (ACTION, "GET")
    assert told(call) == {**dict(MADE), "Digits": ends}


def test_other_keys_are_part_of_the_recording() -> None:
    call = Dialogue("<Record playBeep='false' finishOnKey='#'/>")
    assert call.press("12*") == []


def test_an_empty_finish_key_leaves_no_key_that_ends_it() -> None:
    """Empty string disables."""
    call = Dialogue("<Record playBeep='false' finishOnKey=''/>")
    assert call.press("1#*") == []


def test_keys_during_the_beep_end_nothing() -> None:
    call = Dialogue("<Record/>")
    assert call.press("#") == []
    call.played()
    assert call.every(StartRecording)
    assert not call.every(StopRecording)


@pytest.mark.parametrize("how", ["silence", "length"])
def test_silence_and_length_end_it_without_a_key(how: str) -> None:
    """`Digits`: absent when ended by silence or length; the action defaults to the current document."""
    call = Dialogue("<Record playBeep='false' maxLength='9'/>")
    recording = call.last(StartRecording).id
    if how == "silence":
        call.tell(events.SilenceHeard(recording))
    else:
        call.timer()
    assert StopRecording(recording) in call.asked
    ended(call)
    assert call.last(FetchDocument).url == HERE
    assert told(call) == dict(MADE)


@pytest.mark.parametrize(
    ("attributes", "seconds"), [("", 3600), ("transcribe='true'", 120), ("maxLength='40'", 40), ("maxLength='1'", 3600)]
)
def test_the_length_is_limited(attributes: str, seconds: int) -> None:
    """`maxLength`: 3600; 120 when transcribing."""
    from markup.commands import SetTimer

    call = Dialogue(f"<Record playBeep='false' {attributes}/>")
    assert call.last(SetTimer).seconds == seconds


def test_the_action_hears_of_a_caller_who_hangs_up() -> None:
    """`Digits=hangup`; the returned TwiML is not executed."""
    call = Dialogue("<Record playBeep='false' action='/done'/>")
    recording = call.last(StartRecording).id
    assert call.tell(events.HungUp())[-3:] == [
        StopRecording(recording),
        Notify(ACTION, "POST", (("Digits", "hangup"),), recording),
        EndCall("hung-up"),
    ]


@pytest.mark.parametrize("change", [events.Redirected("http://app.example/new"), events.HangupRequested()])
def test_a_live_change_ends_it_and_the_action_hears_nothing(change: events.Event) -> None:
    """4.6: action URLs of the interrupted verb (Gather, Record, Say) are not requested."""
    call = Dialogue("<Record playBeep='false' action='/done'/>")
    call.tell(change)
    assert call.every(StopRecording)
    assert not call.every(Notify)


def test_its_callbacks_are_absolute() -> None:
    call = Dialogue(
        "<Record playBeep='false' recordingStatusCallback='/rec' recordingStatusCallbackMethod='GET'"
        " recordingStatusCallbackEvent='in-progress absent' transcribe='true' maxLength='60' transcribeCallback='/text'/>"
    )
    start = call.last(StartRecording)
    assert start.callback == StatusCallback("http://app.example/rec", "GET", ("in-progress", "absent"))
    assert (start.transcribe, start.transcribe_callback) == (True, "http://app.example/text")


def test_a_callback_that_cannot_be_requested_is_left_out() -> None:
    """13256 W / 13257 E: no callback."""
    call = Dialogue("<Record playBeep='false' recordingStatusCallback='ftp://x/' transcribeCallback='ftp://x/'/>")
    assert sorted(call.reports()) == [13256, 13257]
    assert call.last(StartRecording).callback.url == call.last(StartRecording).transcribe_callback == ""


DIAL = "<Dial {} action='/done'><Number>+1555</Number></Dial>"


def test_a_dial_records_nothing_unless_it_is_asked_to() -> None:
    call = Dialogue(DIAL.format("record='do-not-record'"))
    leg = call.last(StartLeg).id
    call.tell(events.LegAnswered(leg))
    call.tell(events.LegEnded(leg, "completed", "CA1", 3))
    assert not call.every(StartRecording)
    assert "RecordingUrl" not in told(call)


@pytest.mark.parametrize(
    ("mode", "from_ringing", "dual"),
    [
        ("record-from-answer", False, False),
        ("record-from-answer-dual", False, True),
        ("record-from-ringing", True, False),
        ("record-from-ringing-dual", True, True),
        ("true", False, False),
    ],
)
def test_every_mode_begins_when_it_says(mode: str, from_ringing: bool, dual: bool) -> None:
    call = Dialogue(DIAL.format(f"record='{mode}' recordingTrack='both' recordingStatusCallback='/rec'"))
    leg = call.last(StartLeg).id
    assert len(call.every(StartRecording)) == from_ringing
    answered = call.tell(events.LegAnswered(leg))
    (start,) = call.every(StartRecording)
    assert (start.source, start.track, start.dual, start.trim) == ("DialVerb", "both", dual, False)
    assert start.callback == StatusCallback("http://app.example/rec")
    if not from_ringing:
        assert answered.index(start) < answered.index(Join(leg))


def test_the_action_of_a_dial_is_told_of_its_recording() -> None:
    """RecordingUrl only when `record` was set on Dial."""
    call = Dialogue(DIAL.format("record='true' trim='trim-silence' recordingTrack='inbound'"))
    leg = call.last(StartLeg).id
    call.tell(events.LegAnswered(leg))
    assert (call.last(StartRecording).trim, call.last(StartRecording).track) == (True, "inbound")
    ending = call.tell(events.LegEnded(leg, "completed", "CA1", 7))
    assert ending[-1] == StopRecording(call.last(StartRecording).id)
    ended(call)
    assert told(call) == {
        "DialCallStatus": "completed",
        "DialCallSid": "CA1",
        "DialCallDuration": "7",
        "DialBridged": "true",
        **dict(MADE),
    }


def test_ringing_that_leads_to_nothing_was_recorded_too() -> None:
    call = Dialogue(DIAL.format("record='record-from-ringing'"))
    call.tell(events.LegEnded(call.last(StartLeg).id, "busy", "CA1"))
    ended(call)
    assert (told(call)["DialCallStatus"], told(call)["RecordingSid"]) == ("busy", "RE1")


def test_a_dial_in_turn_is_one_recording() -> None:
    call = Dialogue("<Dial sequential='true' record='record-from-ringing'><Number>1</Number><Number>2</Number></Dial>")
    call.tell(events.LegEnded(call.last(StartLeg).id, "busy"))
    call.tell(events.LegAnswered(call.last(StartLeg).id))
    assert len(call.every(StartRecording)) == 1


def test_a_caller_who_hangs_up_on_a_dial_has_the_recording_told() -> None:
    call = Dialogue(DIAL.format("record='true'"))
    call.tell(events.LegAnswered(call.last(StartLeg).id))
    call.tell(events.HungUp())
    recording = call.last(StartRecording).id
    assert call.last(Notify).recording == recording
    assert StopRecording(recording) in call.all


def test_start_records_both_tracks_while_the_document_goes_on() -> None:
    """Starts at once; the document goes on."""
    call = Dialogue("<Start><Recording/></Start><Say>hello</Say>")
    start = call.last(StartRecording)
    assert start == StartRecording(start.id, "StartCallRecordingTwiML", "both", dual=True, trim=True)
    assert isinstance(call.last(StartPlayback).media, Speech)


def test_what_start_records_survives_documents_and_keys_and_ends_with_the_call() -> None:
    """Survives Redirect; ends with Stop, REST, or the call."""
    call = Dialogue(
        "<Start><Recording name='a' track='outbound' channels='mono' trim='do-not-trim'/></Start><Gather><Say>x</Say></Gather>"
    )
    start = call.last(StartRecording)
    assert (start.track, start.dual, start.trim) == ("outbound", False, False)
    call.press("1")
    call.tell(events.Redirected("http://app.example/new"))
    call.fetched("<Say>y</Say>")
    assert not call.every(StopRecording)
    call.played()
    assert call.asked == [StopRecording(start.id), EndCall("completed")]


def test_stop_ends_the_recording_of_that_name() -> None:
    """`Stop` takes the noun with the same `name`."""
    call = Dialogue("<Start><Recording name='a'/><Recording name='b'/></Start><Stop><Recording name='a'/></Stop><Pause/>")
    first, second = call.every(StartRecording)
    assert call.every(StopRecording) == [StopRecording(first.id)]
    assert call.tell(events.RecordingEnded(first.id, MADE)) == []
    call.tell(events.HungUp())
    assert call.every(StopRecording)[1:] == [StopRecording(second.id)]


def test_a_name_is_recorded_once_and_stopped_once() -> None:
    """16108: concurrent recordings; a Start in a document that is run again has no effect."""
    call = Dialogue("<Start><Recording/></Start><Start><Recording/></Start><Stop><Recording/></Stop><Stop><Recording/></Stop>")
    assert len(call.every(StartRecording)) == len(call.every(StopRecording)) == 1
    assert call.reports() == [16108, 12200]


def test_a_document_that_only_starts_a_recording_and_leads_to_itself_is_given_up() -> None:
    call = Dialogue("<Start><Recording/></Start><Redirect/>")
    for _ in range(101):
        call.fetched("<Start><Recording/></Start><Redirect/>")
    assert 12400 in call.reports()
