"""Section 2.7."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import (
    Answer,
    EndCall,
    FetchDocument,
    HangupLeg,
    Join,
    Listen,
    Notify,
    Part,
    Ringback,
    ScreenLeg,
    SendDigits,
    StartLeg,
    StartPlayback,
    StopPlayback,
)
from markup.parser import parse
from markup.verbs import Dial, Number, Sip
from tests.markup.dialogue import Dialogue

ACTION = "http://app.example/done"


def _legs(call: Dialogue) -> list[int]:
    return [start.id for start in call.every(StartLeg)]


def _told(call: Dialogue) -> dict[str, str]:
    request = call.last(FetchDocument)
    assert request.url == ACTION
    return dict(request.parameters)


def test_the_caller_is_answered_and_hears_ringing() -> None:
    """Without answerOnBridge the parent is already answered; while no one has answered it hears ringback (`ringTone`)."""
    call = Dialogue("<Dial ringTone='de' callerId='+1555'>+15550100</Dial>")
    assert call.asked[0] == Answer()
    assert call.last(StartLeg).target == Number(number="+15550100")
    assert call.last(StartLeg).caller_id == "+1555"
    assert call.last(StartPlayback).media == Ringback("de")
    assert call.last(StartPlayback).loop == 0


def test_an_answer_connects_both_and_the_callees_end_goes_to_the_action() -> None:
    """Child hangs up: parent continues with the action, which is told how it went."""
    call = Dialogue("<Dial action='/done'><Sip>sip:bob@example.com</Sip></Dial>")
    (leg,) = _legs(call)
    tone = call.last(StartPlayback).id
    call.tell(events.LegRinging(leg))
    call.tell(events.LegAnswered(leg))
    assert StopPlayback(tone) in call.asked
    assert Join(leg) in call.asked
    call.tell(events.LegEnded(leg, "completed", "CA1", 12, parameters=(("DialSipCallId", "x"),)))
    assert _told(call) == {
        "DialCallStatus": "completed", "DialCallSid": "CA1", "DialCallDuration": "12", "DialBridged": "true", "DialSipCallId": "x",
    }  # fmt: skip


def test_without_an_action_the_next_verb_runs() -> None:
    """1.6: Dial has no default action: fall through."""
    call = Dialogue("<Dial>+1555</Dial><Say>Still there?</Say>")
    call.tell(events.LegEnded(_legs(call)[0], "busy"))
    assert call.kinds()[-1] == "StartPlayback"


def test_the_first_to_answer_wins() -> None:
    """Parallel: first leg to answer wins, all other legs are cancelled."""
    call = Dialogue("<Dial><Number>1</Number><Sip>a@b</Sip><Number>2</Number></Dial>")
    one, two, three = _legs(call)
    call.tell(events.LegEnded(one, "busy"))
    call.tell(events.LegAnswered(three))
    assert HangupLeg(two) in call.asked
    assert Join(three) in call.asked
    assert call.tell(events.LegAnswered(two)) == []


def test_one_after_the_other() -> None:
    """Sequential: next target only after the previous one fails; the first connection ends the list."""
    call = Dialogue("<Dial sequential='true' action='/done'><Number>1</Number><Number>2</Number><Number>3</Number></Dial>")
    assert len(_legs(call)) == 1
    call.tell(events.LegEnded(_legs(call)[-1], "busy"))
    assert len(_legs(call)) == 2
    call.tell(events.LegAnswered(_legs(call)[-1]))
    call.tell(events.LegEnded(_legs(call)[-1], "completed", "CA2", 1))
    assert len(_legs(call)) == 2
    assert _told(call)["DialCallStatus"] == "completed"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_a_failure_is_told(status: events.LegStatus) -> None:
    """DialCallStatus: busy, no-answer, failed."""
    call = Dialogue("<Dial action='/done'>+1555</Dial>")
    call.tell(events.LegEnded(_legs(call)[0], status, "CA1"))
    assert _told(call) == {"DialCallStatus": status, "DialCallSid": "CA1", "DialBridged": "false"}


def test_ringing_too_long_is_given_up() -> None:
    """`timeout`: ring time; the leg ends as no-answer."""
    call = Dialogue("<Dial timeout='9' action='/done'>+1555</Dial>")
    (leg,) = _legs(call)
    ringing = next(command for command in call.asked if type(command).__name__ == "SetTimer")
    assert ringing.seconds == 9  # type: ignore[attr-defined]
    call.tell(events.TimerFired(ringing.id))  # type: ignore[attr-defined]
    assert HangupLeg(leg, timed_out=True) in call.asked
    call.tell(events.LegEnded(leg, "no-answer", "CA1"))
    assert _told(call)["DialCallStatus"] == "no-answer"


def test_a_leg_that_never_ends_is_not_waited_for() -> None:
    """A far end that ignores our CANCEL must not hold the caller."""
    call = Dialogue("<Dial action='/done'>+1555</Dial>")
    call.tell(events.TimerFired(3))
    call.timer()
    assert _told(call)["DialCallStatus"] == "no-answer"


def test_a_refused_target_is_reported() -> None:
    """13227 W: geographic permission; DialCallStatus=failed."""
    call = Dialogue("<Dial action='/done'>+44123</Dial>")
    call.tell(events.LegEnded(_legs(call)[0], "failed", code=13227, message="no"))
    assert call.reports() == [13227]
    assert _told(call)["DialCallStatus"] == "failed"


def test_answer_on_bridge_answers_late() -> None:
    """answerOnBridge="true": keeps ringing until a dialed party answers, then 200."""
    call = Dialogue("<Dial answerOnBridge='true'>+1555</Dial>")
    assert "Answer" not in call.kinds()
    assert "StartPlayback" not in call.kinds()
    call.tell(events.LegAnswered(_legs(call)[0]))
    assert call.kinds()[1:3] == ["Answer", "Join"]


def test_early_media_replaces_our_tone() -> None:
    """Early media is passed through when available."""
    call = Dialogue("<Dial>+1555</Dial>")
    (leg,) = _legs(call)
    tone = call.last(StartPlayback).id
    assert call.tell(events.LegRinging(leg, early_media=True)) == [StopPlayback(tone), Listen(leg)]


def test_a_caller_who_rings_still_hears_early_media() -> None:
    """183 with SDP from the callee is passed to the caller (section 6.5), who is answered when the callee is."""
    call = Dialogue("<Dial answerOnBridge='true'>+1555</Dial>")
    (leg,) = _legs(call)
    assert call.tell(events.LegRinging(leg, early_media=True)) == [Listen(leg)]
    call.tell(events.LegAnswered(leg))
    assert call.kinds()[1:3] == ["Answer", "Join"]


def test_who_has_heard_early_media_hears_our_tone_for_the_next_one() -> None:
    call = Dialogue("<Dial answerOnBridge='true' sequential='true'><Number>1</Number><Number>2</Number></Dial>")
    call.tell(events.LegRinging(_legs(call)[0], early_media=True))
    call.tell(events.LegEnded(_legs(call)[0], "busy"))
    assert "StartPlayback" in call.kinds()
    assert not call.every(Answer)


@pytest.mark.parametrize(("attributes", "tones"), [("", 1), ("answerOnBridge='true'", 1)])
def test_early_media_ends_where_a_whisper_begins(attributes: str, tones: int) -> None:
    """The parent hears silence, or continued ringing with answerOnBridge="true" (execution rule 4)."""
    call = Dialogue(f"<Dial {attributes}><Number url='/whisper'>1</Number></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegRinging(leg, early_media=True))
    call.tell(events.LegAnswered(leg))
    assert Part(leg) in call.asked
    assert len(call.every(StartPlayback)) == tones
    assert Join(leg) in call.tell(events.LegScreened(leg, True))
    assert {each.id for each in call.every(StopPlayback)} == {each.id for each in call.every(StartPlayback)}


def test_star_hangs_up_on_the_callee() -> None:
    """hangupOnStar applies to the parent's keypad."""
    call = Dialogue("<Dial hangupOnStar='true' action='/done'>+1555</Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    assert call.press("1") == []
    assert HangupLeg(leg) in call.press("*")
    call.tell(events.LegEnded(leg, "completed", "CA1", 3))
    assert _told(call)["DialCallDuration"] == "3"


def test_a_conversation_has_a_limit() -> None:
    """timeLimit."""
    call = Dialogue("<Dial timeLimit='60'>+1555</Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    assert call.asked[-1].seconds == 60  # type: ignore[attr-defined]
    assert HangupLeg(leg) in call.timer()


def test_keys_are_sent_before_the_bridge() -> None:
    """sendDigits: sent after answer and before bridging."""
    call = Dialogue("<Dial><Number sendDigits='ww12'>+1555</Number></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    sending = call.last(SendDigits)
    assert (sending.digits, sending.leg) == ("ww12", leg)
    assert Join(leg) in call.tell(events.DigitsSent(sending.id))


def test_a_whisper_runs_before_the_bridge() -> None:
    """If the winner has a whisper `url`, its TwiML runs on the child before bridging."""
    call = Dialogue("<Dial><Sip url='/whisper' method='GET'>a@b</Sip></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    assert call.asked[-1] == ScreenLeg(leg, "http://app.example/whisper", "GET")
    assert Join(leg) in call.tell(events.LegScreened(leg, True))


def test_a_whisper_that_hangs_up_declines() -> None:
    """If the whisper hangs up, the Dial ends and the parent goes on."""
    call = Dialogue("<Dial action='/done'><Sip url='/whisper'>a@b</Sip></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    assert HangupLeg(leg) in call.tell(events.LegScreened(leg, False))
    call.tell(events.LegEnded(leg, "completed", "CA1", 2))
    assert (_told(call)["DialBridged"], "DialCallDuration" in _told(call)) == ("false", False)


def test_callback_urls_are_made_absolute() -> None:
    """1.7: relative URLs in callbacks resolve against the current document."""
    call = Dialogue("<Dial><Sip statusCallback='/cb' url='w'>a@b</Sip></Dial>")
    target = call.last(StartLeg).target
    assert isinstance(target, Sip)
    assert (target.status_callback, target.url) == ("http://app.example/cb", "http://app.example/w")


def test_more_than_ten_targets_are_too_many() -> None:
    """1.8: up to ten nouns in any mix."""
    call = Dialogue("<Dial>" + "<Number>1</Number>" * 12 + "</Dial>")
    assert len(_legs(call)) == 10
    assert call.reports() == [13215]


def test_nobody_to_dial_is_a_failure() -> None:
    """When the target itself is invalid, Dial ends with DialCallStatus=failed."""
    call = Dialogue("<Dial action='/done'/>")
    assert _told(call)["DialCallStatus"] == "failed"


def test_the_callers_end_is_told_to_the_action() -> None:
    """`action` is also requested when the parent hung up; the answer is ignored. The child is hung up."""
    call = Dialogue("<Dial action='/done'>+1555</Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    call.tell(events.HungUp())
    assert HangupLeg(leg) in call.asked
    assert call.asked[-2:] == [
        Notify(ACTION, "POST", (("DialCallStatus", "completed"), ("DialBridged", "true"))),
        EndCall("hung-up"),
    ]


def test_a_redirected_parent_leaves_the_callee() -> None:
    """REST redirect of the parent: the bridge ends, the child hangs up, the action is not requested."""
    call = Dialogue("<Dial action='/done'>+1555</Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    call.tell(events.Redirected("http://app.example/other"))
    assert HangupLeg(leg) in call.asked
    assert call.last(FetchDocument).url == "http://app.example/other"


def test_star_while_it_rings_ends_the_whole_dial() -> None:
    """hangupOnStar: the caller gives up; the next target is not tried."""
    call = Dialogue("<Dial hangupOnStar='true' sequential='true' action='/done'><Number>1</Number><Number>2</Number></Dial>")
    (leg,) = _legs(call)
    assert HangupLeg(leg) in call.press("*")
    call.tell(events.LegEnded(leg, "canceled", "CA1"))
    assert _told(call)["DialCallStatus"] == "canceled"


def test_a_declined_leg_is_never_connected() -> None:
    """2.8: Hangup in a whisper document declines the bridge, even if the far end does not confirm its end."""
    call = Dialogue("<Dial action='/done' answerOnBridge='true'><Sip url='/whisper'>a@b</Sip></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    call.tell(events.LegScreened(leg, False))
    call.timer()
    assert (call.every(Join), call.every(Answer)) == ([], [])
    assert _told(call)["DialBridged"] == "false"


@pytest.mark.parametrize(("late", "stops_at"), [("false", "answer"), ("true", "connection")])
def test_how_long_the_ringing_is_heard(late: str, stops_at: str) -> None:
    """Rule 4: while the whisper runs the parent hears silence, or continued ringing with answerOnBridge."""
    call = Dialogue(f"<Dial answerOnBridge='{late}'><Sip url='/w'>a@b</Sip></Dial>", answered=True)
    tone = StopPlayback(call.last(StartPlayback).id)
    (leg,) = _legs(call)
    at_answer = call.tell(events.LegAnswered(leg))
    at_connection = call.tell(events.LegScreened(leg, True))
    assert [name for name, asked in (("answer", at_answer), ("connection", at_connection)) if tone in asked] == [stops_at]


def test_early_media_is_connected_once() -> None:
    call = Dialogue("<Dial>+1555</Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegRinging(leg, early_media=True))
    assert call.tell(events.LegRinging(leg, early_media=True)) == []


def test_what_has_no_effect_yet_is_told() -> None:
    call = Dialogue(f"<Dial><Application url='/w'>AP{'0' * 32}</Application></Dial>")
    assert call.reports() == [13750]


@pytest.mark.parametrize(
    ("attributes", "codes"),
    [
        ("machineDetection='Enable' amdStatusCallback='/amd'", []),
        ("machineDetection='DetectMessageEnd'", [21262]),
        ("machineDetection='Enable' amdStatusCallback='/amd' sendDigits='1'", [21263]),
        ("amdStatusCallback='/amd'", []),
    ],
)
@pytest.mark.parametrize("noun", ["Number", "Sip"])
def test_a_machine_detection_that_nobody_hears_of_is_told(noun: str, attributes: str, codes: list[int]) -> None:
    """3.5: without a callback 21262 W; together with digits to be sent it is ignored."""
    call = Dialogue(f"<Dial><{noun} {attributes}>a@b</{noun}></Dial>")
    assert call.reports() == codes


@pytest.mark.parametrize(
    ("attribute", "field", "value"),
    [
        ("machineDetection='Maybe'", "machine_detection", ""),
        ("machineDetectionTimeout='90'", "machine_detection_timeout", 60),
        ("machineDetectionSpeechThreshold='999'", "machine_detection_speech_threshold", 2400),
        ("machineDetectionSpeechEndThreshold='soon'", "machine_detection_speech_end_threshold", 1200),
        ("machineDetectionSilenceTimeout='20000'", "machine_detection_silence_timeout", 10000),
    ],
)
def test_a_wrong_value_of_machine_detection_has_its_code(attribute: str, field: str, value: object) -> None:
    document = parse(f"<Response><Dial><Number {attribute}>1</Number></Dial></Response>".encode())
    (verb,) = document.verbs
    assert isinstance(verb, Dial)
    assert [each.code for each in document.diagnostics] == [21263]
    assert getattr(verb.nouns[0], field) == value


def test_a_callee_that_ends_during_the_whisper_goes_to_the_action() -> None:
    call = Dialogue("<Dial action='/done'><Sip url='/w' sendDigits='1'>a@b</Sip></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    call.tell(events.DigitsSent(call.last(SendDigits).id))
    call.tell(events.LegEnded(leg, "completed", "CA1", 2))
    assert (_told(call)["DialCallStatus"], _told(call)["DialBridged"]) == ("completed", "false")


@pytest.mark.parametrize(("noun", "code"), [("<Sim>DE1</Sim>", 13258), ("<WhatsApp>+1555</WhatsApp>", 13750)])
def test_what_only_twilio_reaches_is_a_failure(noun: str, code: int) -> None:
    """2.7.7: a self-hosted switch should end these with DialCallStatus=failed; 13258 E for Sim."""
    call = Dialogue(f"<Dial action='/done'>{noun}</Dial>")
    assert call.reports() == [code]
    assert _told(call) == {"DialCallStatus": "failed", "DialBridged": "false"}


def test_what_cannot_be_reached_does_not_keep_the_others_from_ringing() -> None:
    call = Dialogue("<Dial action='/done'><Sim>DE1</Sim><Number>+1555</Number><WhatsApp>+1556</WhatsApp></Dial>")
    (leg,) = _legs(call)
    call.tell(events.LegAnswered(leg))
    assert Join(leg) in call.asked


def test_a_sip_noun_brings_its_addresses_and_headers() -> None:
    """2.7.3: ``<Uri priority weight>`` and ``<Headers><Header name value/></Headers>``."""
    call = Dialogue(
        "<Dial><Sip><Uri priority='2'>sip:b@h</Uri><Uri priority='1' weight='5'>sip:a@h</Uri>"
        "<Headers><Header name='X-One' value='1'/></Headers></Sip></Dial>"
    )
    target = call.last(StartLeg).target
    assert isinstance(target, Sip)
    assert [(each.uri, each.priority, each.weight) for each in target.uris] == [("sip:b@h", 2, 0), ("sip:a@h", 1, 5)]
    assert [(each.name, each.value) for each in target.headers] == [("X-One", "1")]
