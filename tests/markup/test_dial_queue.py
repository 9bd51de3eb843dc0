"""Section 2.11."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import (
    Answer,
    EndCall,
    FetchDocument,
    HangupLeg,
    Join,
    Notify,
    Ringback,
    ScreenLeg,
    SetTimer,
    StartPlayback,
    StopPlayback,
    TakeFromQueue,
)
from tests.markup.dialogue import Dialogue

ACTION = "http://app.example/done"
WHISPER = "<Dial action='/done' hangupOnStar='true'><Queue url='/whisper' method='GET'>support</Queue></Dial>"
PLAIN = "<Dial action='/done' timeLimit='60'><Queue>support</Queue></Dial>"
TOLD = (("QueueSid", "QU1"), ("QueueResult", "bridged"))


def _leg(call: Dialogue) -> int:
    return call.last(TakeFromQueue).id


def _told(call: Dialogue) -> dict[str, str]:
    request = call.last(FetchDocument)
    assert request.url == ACTION
    return dict(request.parameters)


def _gone(call: Dialogue, status: events.LegStatus = "no-answer") -> None:
    call.tell(events.LegEnded(_leg(call), status))


def test_the_dialling_caller_rings_until_there_is_somebody() -> None:
    call = Dialogue(PLAIN)
    assert call.asked[0] == Answer()
    assert call.last(TakeFromQueue).name == "support"
    tone = call.last(StartPlayback)
    assert tone.media == Ringback()
    call.tell(events.LegAnswered(_leg(call)))
    assert [StopPlayback(tone.id), Join(_leg(call))] == [each for each in call.asked if isinstance(each, StopPlayback | Join)]


def test_the_action_is_told_of_the_queue() -> None:
    call = Dialogue(PLAIN)
    call.tell(events.LegAnswered(_leg(call)))
    call.tell(events.LegEnded(_leg(call), "completed", "CA1", 9, parameters=TOLD))
    assert _told(call) == {
        "DialCallStatus": "completed", "DialCallSid": "CA1", "DialCallDuration": "9", "DialBridged": "true", **dict(TOLD),
    }  # fmt: skip


def test_answer_on_bridge_waits_for_the_connection() -> None:
    call = Dialogue("<Dial answerOnBridge='true'><Queue url='/whisper'>support</Queue></Dial>")
    call.tell(events.LegAnswered(_leg(call)))
    assert call.every(Answer) == []
    call.tell(events.LegScreened(_leg(call), True))
    assert call.kinds()[-3:] == ["Answer", "Join", "SetTimer"]


def test_the_queued_caller_hears_its_document_first() -> None:
    call = Dialogue(WHISPER)
    call.tell(events.LegAnswered(_leg(call)))
    assert call.asked == [ScreenLeg(_leg(call), "http://app.example/whisper", "GET")]
    call.tell(events.LegScreened(_leg(call), True))
    assert Join(_leg(call)) in call.asked


def test_an_empty_queue_is_waited_for_until_the_timeout() -> None:
    """If empty, waits for a member until Dial timeout."""
    call = Dialogue("<Dial action='/done' timeout='12'><Queue>support</Queue></Dial>")
    assert call.last(SetTimer).seconds == 12
    call.timer()
    assert HangupLeg(_leg(call)) in call.asked
    _gone(call, "canceled")
    assert _told(call) == {"DialCallStatus": "no-answer", "DialBridged": "false"}


def test_a_queue_that_does_not_exist() -> None:
    """If the queue does not exist, the action gets an error status."""
    call = Dialogue(PLAIN)
    call.tell(events.LegEnded(_leg(call), "failed", code=20404, message="none", parameters=(("QueueResult", "error"),)))
    assert _told(call) == {"DialCallStatus": "failed", "DialBridged": "false", "QueueResult": "error"}
    assert call.reports() == [20404]


def test_who_is_lost_during_the_document_is_replaced_by_the_next() -> None:
    call = Dialogue(WHISPER)
    first = _leg(call)
    call.tell(events.LegAnswered(first))
    _gone(call)
    assert call.kinds() == ["TakeFromQueue"]
    assert call.tell(events.LegScreened(first, True)) == []
    call.tell(events.LegAnswered(_leg(call)))
    call.tell(events.LegScreened(_leg(call), True))
    assert Join(_leg(call)) in call.asked


def test_but_not_when_the_time_is_over() -> None:
    call = Dialogue(WHISPER)
    patience = call.last(SetTimer)
    call.tell(events.LegAnswered(_leg(call)))
    assert call.tell(events.TimerFired(patience.id)) == []
    _gone(call)
    assert _told(call)["DialCallStatus"] == "no-answer"


def test_a_document_that_fails_leaves_the_caller_in_the_queue() -> None:
    call = Dialogue(WHISPER)
    call.tell(events.LegAnswered(_leg(call)))
    call.tell(events.LegScreened(_leg(call), False))
    assert HangupLeg(_leg(call)) in call.asked
    _gone(call, "canceled")
    assert _told(call)["DialCallStatus"] == "failed"


@pytest.mark.parametrize("answered", [False, True])
def test_star_gives_up_before_the_connection(answered: bool) -> None:
    call = Dialogue(WHISPER)
    if answered:
        call.tell(events.LegAnswered(_leg(call)))
    call.press("*")
    assert HangupLeg(_leg(call)) in call.asked
    _gone(call, "canceled")
    assert _told(call)["DialCallStatus"] == "canceled"


@pytest.mark.parametrize("pressed", [False, True])
def test_star_and_the_time_limit_end_the_conversation(pressed: bool) -> None:
    call = Dialogue(WHISPER)
    call.tell(events.LegAnswered(_leg(call)))
    call.tell(events.LegScreened(_leg(call), True))
    if pressed:
        call.press("*")
    else:
        call.timer()
    assert HangupLeg(_leg(call)) in call.asked
    _gone(call, "completed")
    assert _told(call)["DialBridged"] == "true"


def test_who_hangs_up_lets_the_caller_go_back() -> None:
    call = Dialogue(WHISPER)
    call.tell(events.LegAnswered(_leg(call)))
    call.tell(events.HungUp())
    assert HangupLeg(_leg(call)) in call.asked
    assert call.last(Notify).parameters[0] == ("DialCallStatus", "canceled")
    assert call.last(Notify).about == _leg(call)
    assert call.asked[-1] == EndCall("hung-up")


def test_what_only_a_task_router_would_need_is_ignored_with_a_warning() -> None:
    call = Dialogue("<Dial><Queue reservationSid='WR1' postWorkActivitySid='WA1'>support</Queue></Dial>")
    assert call.reports() == [13750]
    assert call.last(TakeFromQueue).name == "support"
