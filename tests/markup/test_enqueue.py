"""Section 2.10."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import (
    Answer,
    EndCall,
    EnterQueue,
    FetchDocument,
    LeaveQueue,
    Music,
    Notify,
    RunAside,
    SetTimer,
    StartPlayback,
    StopAside,
    StopPlayback,
)
from tests.markup.dialogue import Dialogue

ACTION = "http://app.example/left"
WAIT = "<Enqueue action='/left' waitUrl='/wait' waitUrlMethod='GET'>support</Enqueue><Say>Next.</Say>"
TOLD = (("QueueSid", "QU1"), ("QueueTime", "7"))


def _queued(twiml: str = WAIT) -> Dialogue:
    call = Dialogue(twiml)
    _move(call, "waiting")
    return call


def _place(call: Dialogue) -> int:
    return call.last(EnterQueue).id


def _told(call: Dialogue) -> dict[str, str]:
    request = call.last(FetchDocument)
    assert request.url == ACTION
    return dict(request.parameters)


def _move(call: Dialogue, where: events.Whereabouts) -> None:
    call.tell(events.QueueMoved(_place(call), where))


def _leave(call: Dialogue, result: events.QueueResult) -> None:
    call.tell(events.QueueLeft(_place(call), result, TOLD))


def test_the_caller_is_answered_and_stands_in_line() -> None:
    call = Dialogue("<Enqueue maxQueueSize='5'>support</Enqueue>")
    assert call.asked[0] == Answer()
    assert (call.last(EnterQueue).name, call.last(EnterQueue).max_size) == ("support", 5)


def test_without_a_wait_url_there_is_music_until_somebody_comes() -> None:
    """waitUrl: default is the built-in playlist."""
    call = _queued("<Enqueue>support</Enqueue>")
    music = call.last(StartPlayback)
    assert (music.media, music.loop) == (Music(), 0)
    _move(call, "called")
    assert call.asked == [StopPlayback(music.id)]


def test_an_empty_wait_url_plays_nothing() -> None:
    """1.7: an empty string for waitUrl means "play nothing"."""
    call = _queued("<Enqueue waitUrl=''>support</Enqueue>")
    assert call.every(StartPlayback) == []
    assert call.every(RunAside) == []


def test_the_wait_document_starts_again_when_it_runs_out() -> None:
    """Wait document restarts from waitUrl when it runs out (fresh request each time)."""
    call = _queued()
    first = call.last(RunAside)
    assert (first.url, first.method, first.purpose) == ("http://app.example/wait", "GET", "waiting")
    call.timer()
    call.tell(events.AsideEnded(first.id, "released"))
    second = call.last(RunAside)
    assert (second.url, second.id != first.id) == (first.url, True)


def test_a_wait_document_that_says_nothing_is_not_requested_without_pause() -> None:
    call = _queued()
    pauses = []
    for _ in range(6):
        aside, timer = call.last(RunAside), call.last(SetTimer)
        pauses.append(timer.seconds)
        assert call.tell(events.AsideEnded(aside.id, "released")) == []
        call.tell(events.TimerFired(timer.id))
        assert call.last(RunAside).id != aside.id
    assert pauses == [1, 2, 4, 8, 10, 10]
    call.timer()
    call.tell(events.AsideEnded(call.last(RunAside).id, "released"))
    assert call.last(SetTimer).seconds == 1


@pytest.mark.parametrize(("outcome", "result"), [("left", "leave"), ("failed", "error")])
def test_a_wait_document_can_leave_the_queue_and_fail_it(outcome: events.Outcome, result: events.QueueResult) -> None:
    """Leave removes the call from the queue and requests action; QueueResult=error for what the document gets wrong."""
    call = _queued()
    call.tell(events.AsideEnded(call.last(RunAside).id, outcome))
    assert LeaveQueue(_place(call), result) in call.asked
    _leave(call, result)
    assert _told(call) == {"QueueResult": result, "QueueSid": "QU1", "QueueTime": "7"}


def test_leaving_without_an_action_goes_on_after_the_enqueue() -> None:
    """... and continues after <Enqueue>."""
    call = _queued("<Enqueue waitUrl='/wait'>support</Enqueue><Say>Next.</Say>")
    call.tell(events.AsideEnded(call.last(RunAside).id, "left"))
    _leave(call, "leave")
    assert call.kinds() == ["StartPlayback"]


def test_a_hangup_in_the_wait_document_ends_the_call() -> None:
    call = _queued()
    call.tell(events.AsideEnded(call.last(RunAside).id, "hung-up"))
    _leave(call, "hangup")
    assert call.last(Notify).parameters == (("QueueResult", "hangup"), *TOLD)
    assert call.asked[-1] == EndCall("completed")


def test_the_action_hears_of_a_conversation_when_it_is_over() -> None:
    """For a dequeue by Dial, when the bridged parties disconnect."""
    call = _queued()
    aside = call.last(RunAside)
    _move(call, "called")
    assert StopAside(aside.id) in call.asked
    _move(call, "bridged")
    assert call.asked == []
    _leave(call, "bridged")
    assert _told(call) == {"QueueResult": "bridged", "QueueSid": "QU1", "QueueTime": "7"}


def test_who_is_not_connected_after_all_waits_on() -> None:
    call = _queued()
    first = call.last(RunAside).id
    _move(call, "called")
    _move(call, "waiting")
    assert call.last(RunAside).id != first
    assert len(call.every(EnterQueue)) == 1


@pytest.mark.parametrize("result", ["queue-full", "system-error"])
def test_a_queue_without_a_place(result: events.QueueResult) -> None:
    """QueueSid and QueueTime only if actually enqueued; 14207 W: queue full."""
    call = Dialogue(WAIT)
    call.tell(events.QueueLeft(_place(call), result, message="no"))
    assert _told(call) == {"QueueResult": result}
    assert call.reports() == ([14207] if result == "queue-full" else [])


@pytest.mark.parametrize(
    ("where", "event", "result"),
    [
        ("waiting", events.HungUp(), "hangup"),
        ("waiting", events.HangupRequested(), "hangup"),
        ("waiting", events.Redirected("http://h/live"), "redirected"),
        ("called", events.HungUp(), "hangup"),
        ("called", events.Redirected("http://h/live"), "redirected"),
        ("bridged", events.HungUp(), "bridged"),
        ("bridged", events.Redirected("http://h/live"), "redirected-from-bridged"),
    ],
)
def test_the_action_hears_of_a_caller_who_is_taken_away(
    where: events.Whereabouts, event: events.Event, result: events.QueueResult
) -> None:
    """Immediately for hang-up and REST redirect; what is known of the place is added when the request is made."""
    call = _queued()
    _move(call, where)
    call.tell(event)
    assert LeaveQueue(_place(call)) in call.asked
    assert call.last(Notify) == Notify(ACTION, "POST", (("QueueResult", result),), about=_place(call))


def test_without_an_action_nobody_hears_of_it() -> None:
    call = _queued("<Enqueue>support</Enqueue>")
    call.tell(events.HungUp())
    assert call.kinds() == ["StopPlayback", "LeaveQueue", "EndCall"]


def test_a_wait_url_that_is_none_is_an_error_of_the_queue() -> None:
    """14202 E: Enqueue: waitUrl."""
    call = Dialogue("<Enqueue action='/left' waitUrl='ftp://music'>support</Enqueue>")
    assert (_told(call), call.reports()) == ({"QueueResult": "error"}, [14202])


def test_a_task_router_is_missing() -> None:
    """workflowSid: then no queue name."""
    call = Dialogue("<Enqueue action='/left' workflowSid='WW1'><Task priority='5'>{}</Task></Enqueue>")
    assert _told(call) == {"QueueResult": "error"}
    assert set(call.reports()) == {13750}


def test_leave_ends_a_wait_document_and_nothing_else() -> None:
    waiting = Dialogue("<Leave/><Say>Unreachable.</Say>", answered=True, purpose="waiting")
    assert waiting.asked == [EndCall("left")]
    call = Dialogue("<Leave/><Say>Still here.</Say>")
    assert (call.reports(), call.kinds()[-1]) == ([12200], "StartPlayback")


def test_a_wait_document_may_not_dial() -> None:
    """1.8: other verbs: QueueResult=error."""
    waiting = Dialogue("<Dial>+1555</Dial>", answered=True, purpose="waiting")
    assert waiting.asked[-1] == EndCall("failed")
